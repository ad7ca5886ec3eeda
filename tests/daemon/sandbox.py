"""Runs a program under the system call filter of the systemd unit: `python sandbox.py NAMES-FILE PROGRAM ARGUMENT...`.

The filter is what systemd 252 makes of SystemCallFilter, SystemCallErrorNumber=EPERM, MemoryDenyWriteExecute,
RestrictAddressFamilies and RestrictNamespaces; NoNewPrivileges comes with it. libseccomp does the work, as for systemd.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from pathlib import Path

ALLOW = 0x7FFF0000
REFUSE = 0x00050000
NOT_EQUAL, EQUAL, MASKED_EQUAL = 1, 4, 7
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)


class Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


class Filter:
    def __init__(self, default: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(default))

    def add(self, action: int, name: str, *comparisons: Comparison) -> None:
        """A name that this machine's architecture does not have is left out, as systemd does."""
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return
        array = (Comparison * len(comparisons))(*comparisons)
        done = self._library.seccomp_rule_add_array(self._context, action, number, len(comparisons), array)
        if done not in (0, -errno.EEXIST):
            raise OSError(-done, f"no rule for {name}")

    def load(self) -> None:
        done = self._library.seccomp_load(self._context)
        if done:
            raise OSError(-done, "the filter was not accepted")


def load_filters(allowed: list[str]) -> None:
    """As systemd does: a list of what is allowed, and for each restriction a list of what is refused."""
    calls = Filter(REFUSE | errno.EPERM)
    for name in allowed:
        calls.add(ALLOW, name)
    refused = Filter(ALLOW)
    for name in ("mprotect", "pkey_mprotect"):
        refused.add(REFUSE | errno.EPERM, name, Comparison(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
    both = PROT_WRITE | PROT_EXEC
    refused.add(REFUSE | errno.EPERM, "mmap", Comparison(2, MASKED_EQUAL, both, both))
    refused.add(REFUSE | errno.EPERM, "shmat", Comparison(2, MASKED_EQUAL, SHM_EXEC, SHM_EXEC))
    for flag in NAMESPACES:
        refused.add(REFUSE | errno.EPERM, "clone", Comparison(0, MASKED_EQUAL, flag, flag))
        refused.add(REFUSE | errno.EPERM, "unshare", Comparison(0, MASKED_EQUAL, flag, flag))
    refused.add(REFUSE | errno.ENOSYS, "clone3")
    for family in range(64):
        if family not in FAMILIES:
            refused.add(REFUSE | errno.EAFNOSUPPORT, "socket", Comparison(0, EQUAL, family, 0))
    # the one that refuses comes first: the other may not allow loading a further filter
    refused.load()
    calls.load()


if __name__ == "__main__":
    load_filters(Path(sys.argv[1]).read_text().split())
    os.execv(sys.argv[2], sys.argv[2:])
