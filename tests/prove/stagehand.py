"""Acts that may die: each runs in a child forked from a process that has imported everything already.

`Stagehand` is the test's side. The other side (`python -m tests.prove.stagehand`) has one thread, reads a command a line,
forks, and answers what the child said and how it ended. An act is a function `act(say, **arguments)`; `say` reaches the
test even when the child is killed right after it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
Say = Callable[[Any], None]


@dataclass(frozen=True)
class Ended:
    """`status` as Popen.returncode has it; `trace` of what the act raised."""

    said: list[Any]
    status: int
    trace: str = ""

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL


class Stagehand:
    """Use as `with`. `preload`: modules that the acts need; `environ`: added to this process's."""

    def __init__(self, preload: Iterable[str], environ: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.stagehand", *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
        )

    def play(self, act: str, *, failpoints: str = "", seconds: float = 60.0, **arguments: Any) -> Ended:
        """Run `act` ("module:function"), at most so many seconds."""
        assert self._process.stdin
        assert self._process.stdout
        command = {"act": act, "failpoints": failpoints, "seconds": seconds, "arguments": arguments}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the stagehand has died"
        return Ended(**json.loads(answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()  # the end of its standard input ends it


# --- the other side --------------------------------------------------------------------------------------------------


def main(preload: list[str]) -> None:
    for name in preload:
        importlib.import_module(name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an act prints is no answer
    for line in sys.stdin:
        print(json.dumps(_played(json.loads(line))), file=answers, flush=True)


def _function(act: str) -> Callable[..., None]:
    module, _, name = act.partition(":")
    function: Callable[..., None] = getattr(importlib.import_module(module), name)
    return function


def _played(command: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _act(command, theirs)
    os.close(theirs)
    said, late = _heard(ours, time.monotonic() + command["seconds"])
    if late:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    trace = "".join(each["trace"] for each in said if isinstance(each, dict) and "trace" in each)
    if late:
        trace = f"not done within {command['seconds']} s"
    return {"said": said, "status": os.waitstatus_to_exitcode(status), "trace": trace}


def _heard(pipe: int, end: float) -> tuple[list[Any], bool]:
    """What came until the other end was closed, and whether the time was up before."""
    data = b""
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not ready.select(left):
                break
            some = os.read(pipe, 65_536)
            if not some:
                break
            data += some
    os.close(pipe)
    return [json.loads(line) for line in data.split(b"\n")[:-1]], left <= 0


def _act(command: dict[str, Any], pipe: int) -> None:
    from monitor import failpoints

    def say(what: Any) -> None:
        os.write(pipe, json.dumps(what).encode() + b"\n")

    code = 1
    with contextlib.suppress(BaseException):
        try:
            failpoints.arm(command["failpoints"])
            _function(command["act"])(say, **command["arguments"])
            code = 0
        except BaseException:  # this process's wall: whatever it was, the test is told
            say({"trace": traceback.format_exc()})
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
