"""A folder to write a configuration into, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import Settings, load


class Folder:
    """Writes files and loads them; `mistakes` gives the messages with paths as inside the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str | bytes, mode: int = 0o644) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        file.chmod(mode)
        return file

    def load(self, environ: Mapping[str, str] | None = None) -> Settings:
        return load(self.path, environ or {})

    def mistakes(self, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            self.load(environ)
        return [str(problem).replace(f"{self.path}/", "") for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "config"
    path.mkdir()
    return Folder(path)
