"""One mistake a file, its message beside it. `files/KIND/NAME.yaml` joins the base configuration, `trees/NAME/` covers it;
the `.expected` beside it holds what `monitor check` must say ("accepted" where there is nothing to say)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import load

HERE = Path(__file__).parent
FILES = sorted((HERE / "files").glob("*/*.yaml"))
TREES = sorted(path for path in (HERE / "trees").iterdir() if path.is_dir())
SINGLE = ("monitor", "recipients")


def _base(folder: Path) -> Path:
    """A sound configuration to break."""
    shutil.copytree(HERE / "base", folder)
    (folder / "smtp.key").chmod(0o600)
    (folder / "open.key").write_text("canary\n")
    (folder / "open.key").chmod(0o644)
    return folder


def said(folder: Path) -> str:
    """What is wrong with a configuration, with paths as inside it."""
    try:
        load(folder, {"HOME": "/nowhere", "PUBLIC_URL": "https://monitor.example.org"})
    except ConfigurationError as error:
        return str(error).replace(f"{folder}/", "") + "\n"
    return "accepted\n"


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_mistake_in_a_file_is_told_with_its_place(file: Path, tmp_path: Path) -> None:
    folder, kind = _base(tmp_path / "config"), file.parent.name
    target = folder / f"{kind}.yaml" if kind in SINGLE else folder / kind / "mistake.yaml"
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(file, target)
    assert said(folder) == file.with_suffix(".expected").read_text("utf-8")


@pytest.mark.parametrize("tree", TREES, ids=lambda path: path.name)
def test_a_mistake_among_files_is_told_with_its_place(tree: Path, tmp_path: Path) -> None:
    folder = _base(tmp_path / "config")
    shutil.copytree(tree, folder, dirs_exist_ok=True)
    assert said(folder) == tree.with_suffix(".expected").read_text("utf-8")


def test_no_message_ever_holds_a_secret() -> None:
    expected = [path.read_text("utf-8") for path in (HERE / "files").glob("*/*.expected")]
    assert len(expected) == len(FILES)
    assert not [text for text in expected if "canary" in text]
