"""A tree that changes while it is read is not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import load
from tests.settings.conftest import Folder


class Meddler(Mapping[str, str]):
    """An environment in which somebody saves a file whenever a variable is looked up."""

    def __init__(self, save: Callable[[], object]) -> None:
        self.save = save

    def __getitem__(self, name: str) -> str:
        self.save()
        return "value"

    def __iter__(self) -> Iterator[str]:
        return iter(["NAME"])

    def __len__(self) -> int:
        return 1


SOURCES = 'sources: [{id: a, url: "https://a.example.org/", name: "${NAME}"}]\n'

# what somebody does to the tree in the middle of the loading
MEDDLING: dict[str, Callable[[Folder], object]] = {
    "rewrites the file": lambda folder: folder.write("sources/a.yaml", SOURCES + "# more\n"),
    "truncates the file": lambda folder: folder.write("sources/a.yaml", b""),
    "removes the file": lambda folder: (folder.path / "sources/a.yaml").unlink(missing_ok=True),
    "adds a file": lambda folder: folder.write("sources/b.yaml", "sources: []\n"),
    "replaces the file": lambda folder: folder.write("new", SOURCES).replace(folder.path / "sources/a.yaml"),
}


@pytest.mark.parametrize("deed", MEDDLING)
def test_a_tree_that_changes_under_the_reading_is_refused(deed: str, folder: Folder) -> None:
    folder.write("sources/a.yaml", SOURCES)
    with pytest.raises(ConfigurationError, match="changed while it was read: somebody is saving; load again"):
        load(folder.path, Meddler(lambda: MEDDLING[deed](folder)))


def test_a_tree_at_rest_is_accepted(folder: Folder) -> None:
    folder.write("sources/a.yaml", SOURCES)
    assert len(load(folder.path, Meddler(lambda: None)).sources) == 1


# name in the configuration's folder -> the hint
STRANGERS = {
    "watchlist.yaml": "did you mean watchlists/watchlist.yaml?",
    "sources.yaml": "did you mean sources/sources.yaml?",
    "recipient.yaml": "did you mean recipients.yaml?",
    "monitor.yml": "did you mean monitor.yaml?",
    "notes.yaml": "here only monitor.yaml, recipients.yaml are; the rest is in sources/, entities/, watchlists/, tests/",
    "watchlists/a.yml": "name it a.yaml",
    "watchlists/a.YAML": "name it a.yaml",
}


@pytest.mark.parametrize("name", STRANGERS)
def test_yaml_that_nobody_would_read_is_a_mistake(name: str, folder: Folder) -> None:
    folder.write(name, "x: 1\n")
    assert folder.mistakes() == [f"{name}: a file that is not read; {STRANGERS[name]}"]
