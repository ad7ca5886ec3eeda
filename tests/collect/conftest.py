"""Fixtures of collect: a press of raw sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.collect.rawserver import RawServer


@pytest.fixture
async def press() -> AsyncIterator[RawServer]:
    async with RawServer() as server:
        yield server
