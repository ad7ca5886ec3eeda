"""`--full`: each proof at the figure it is to reach; without it a bounded run of the same, under two minutes.

One proof: `pytest -m prove tests/prove/test_kill.py -s [--full]`.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="proofs at full size: minutes to hours each")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the whole figure was asked for."""
    return bool(request.config.getoption("--full", default=False))
