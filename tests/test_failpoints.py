"""The seam for the proofs' faults: off by itself, complete, and it does what it is told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import failpoints
from monitor.errors import StoreError
from monitor.model import ChannelKind
from monitor.store import Store
from tests.store.samples import record

STORE = Path(failpoints.__file__).parent / "store"


@pytest.fixture(autouse=True)
def disarmed_afterwards() -> Iterator[None]:
    yield
    failpoints.arm("")


def commits_of(path: Path) -> Iterator[str]:
    """Each function (the outermost) that asks the database for a writing transaction."""
    room = "store" if path.stem == "__init__" else path.stem
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and any(map(_writes, ast.walk(function))):
            yield f"{room}.{function.name.lstrip('_')}"


def _writes(node: ast.AST) -> bool:
    call = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(call, ast.Attribute)
        and call.attr in ("write", "commit")
        and ast.unparse(call.value).endswith("database")
    )


def test_every_commit_of_the_store_and_every_kind_of_channel_has_its_points() -> None:
    found = {name for path in STORE.glob("*.py") if path.stem != "engine" for name in commits_of(path)}
    assert found | {"migrate.move"} == set(failpoints.COMMITS)
    assert {f"send.{kind.value}" for kind in ChannelKind} == set(failpoints.SENDS)


def test_nothing_is_armed_by_itself() -> None:
    assert failpoints.armed == {}


@pytest.mark.parametrize("text", ["outbox.claim=crash", "store.record.before=explode", "store.record.before"])
def test_what_names_no_failpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no failpoint"):
        failpoints.arm(text)


@pytest.mark.parametrize(
    ("when", "kept"),
    [
        # undone with its transaction
        ("before", 0),
        # the caller is told of a failure though it is on the disk: a commit's error means unknown
        ("after", 1),
    ],
)
def test_a_commit_fails_at_the_hit_that_was_named(store: Store, now: datetime, when: str, kept: int) -> None:
    failpoints.arm(f"store.record.{when}=raise@2")
    record(store, now, 1)
    with pytest.raises(StoreError, match=f"failpoint store.record.{when}"):
        record(store, now, 2)
    assert store.articles.count() == 1 + kept
    record(store, now, 3)
    assert len(store.outbox.claim(now, timedelta(minutes=1), "w")) == 2 * (2 + kept)


def test_calls_in_one_transaction_have_their_points_at_its_commit(store: Store, now: datetime) -> None:
    failpoints.arm("store.record.before=delay@0,ledger.add.before=delay@0")
    with store.together():
        record(store, now, 1)
        record(store, now, 2)
        assert failpoints.armed["store.record.before"].hits == 0
    assert {point: trap.hits for point, trap in failpoints.armed.items()} == {
        "store.record.before": 2,
        "ledger.add.before": 0,
    }
