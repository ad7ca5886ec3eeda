"""Mistakes too large for a file of their own: each is told within two seconds, in one sentence."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import load

NINES = "9" * 5_000
LARGE = {
    # a file of 5 MB is not even parsed
    "5-megabytes": (b"# " + b"x" * 5_000_000, "is larger than 1,000,000 bytes: split it"),
    # nesting, in each way that YAML knows
    "20k-brackets": (b"watchlists: " + b"[" * 20_000, "nested deeper than 50 levels"),
    "20k-braces": (b"watchlists: " + b"{a: " * 20_000, "nested deeper than 50 levels"),
    "20k-dashes": (b"watchlists:\n" + b"- " * 20_000 + b"x", "nested deeper than 50 levels"),
    "deep-indentation": (b"".join(b" " * n + b"a:\n" for n in range(1_200)), "nested deeper than 50 levels"),
    # int() of it would be refused by Python, and quadratic before that
    "5000-digits": (f"watchlists:\n  - id: {NINES}\n".encode(), "a number of more than 18 digits"),
    "5000-digit-exponent": (f"watchlists:\n  - id: 1e{NINES}\n".encode(), "a number of more than 18 digits"),
    # a billion laughs, had it been expanded
    "alias-bomb": (
        b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 122)),
        "anchor &b: anchors are not accepted",
    ),
    # 100,000 mistakes are not 100,000 lines
    "endless-mistakes": (
        b"watchlists:\n" + b"  - &a x\n" * 100_000,
        "100 mistakes: the rest of the file was not read",
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_monstrous_file_is_refused_at_once(name: str, tmp_path: Path) -> None:
    data, message = LARGE[name]
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "monster.yaml").write_bytes(data)
    started = time.process_time()
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(tmp_path, {})
    assert time.process_time() - started < 2
    assert len(caught.value.problems) < 300
    assert max(len(str(problem)) for problem in caught.value.problems) < 500


def test_a_file_of_too_many_unknown_keys_is_told_in_bounded_words(tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").write_text("".join(f"key{n}: 1\n" for n in range(5_000)))
    with pytest.raises(ConfigurationError, match="and 4900 more mistakes in this file") as caught:
        load(tmp_path, {})
    assert len(caught.value.problems) == 101


def test_a_configuration_file_that_is_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "monitor.yaml")
    with pytest.raises(ConfigurationError, match="is not a regular file"):
        load(tmp_path, {})


def test_a_file_that_vanishes_while_the_folder_is_read_is_told(tmp_path: Path) -> None:
    # a dangling link is what the listing sees when the file goes between listing and opening
    (tmp_path / "monitor.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(ConfigurationError, match=r"monitor\.yaml: is not there"):
        load(tmp_path, {})


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").mkdir()
    with pytest.raises(ConfigurationError, match=r"monitor\.yaml: (is not a regular file|cannot be read)"):
        load(tmp_path, {})
