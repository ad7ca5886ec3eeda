"""The rules of the house that no single room's test can hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def test_no_module_is_longer_than_450_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / "monitor").rglob("*.py")}
    assert len(lengths) > 300
    assert [str(path) for path, lines in lengths.items() if lines > 450] == []


def test_imports_point_down_only_and_the_rooms_do_not_know_one_another() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_hashes_and_no_download_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    requirements = re.split(r"\n(?=[a-z0-9])", text)
    assert len(requirements) > 40
    assert [r.splitlines()[0] for r in requirements if "--hash=sha256:" not in r] == []
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_the_alembic_folder_is_no_package() -> None:
    # with an __init__.py, `import alembic` in a checkout would find this folder instead of the library
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_the_version_is_printed_quickly_and_without_the_heavy_libraries() -> None:
    probe = (
        "import sys\nfrom monitor.cli import invoke\ninvoke(['--version'])\n"
        "heavy = {'sqlalchemy', 'pydantic', 'aiohttp', 'trafilatura', 'feedparser', 'rich', 'fastapi'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, timeout=60)
    version, heavy = done.stdout.splitlines()
    assert version.startswith("monitor ")
    assert heavy == "[]"


def test_the_clock_is_read_only_where_the_house_allows_it() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "monitor").rglob("*.py")
        if re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(", path.read_text(encoding="utf-8"))
    ]
    allowed = ("monitor/daemon", "monitor/cli/", "monitor/web/", "monitor/demo/")
    assert [path for path in readers if not path.startswith(allowed)] == []
