"""The store's thread: calls that share a transaction are kept together, and fail alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from monitor.errors import StoreError, StoreUnsure
from monitor.model import Decision, Reason, SourceState
from monitor.store import Store, StoreThread

A_LINE = (Decision("collect", Reason.FETCHED),)


@pytest.fixture
async def thread(store: Store) -> AsyncIterator[StoreThread]:
    thread = StoreThread(store.together)
    yield thread
    thread.close()


def commits(store: Store) -> list[object]:
    """Grows by one with each commit."""
    seen: list[object] = []
    event.listen(store._database.engine, "commit", seen.append)
    return seen


def state(number: int, now: datetime) -> SourceState:
    return SourceState(f"source-{number}", next_check_at=now + timedelta(minutes=number))


async def saved(store: Store, thread: StoreThread) -> list[str]:
    return [each.source_id for each in await thread(store.sources.all)]


async def test_calls_that_wait_together_are_kept_by_few_commits(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    made = commits(store)
    saves = [thread.together(store.sources.save, state(number, now)) for number in range(30)]
    await asyncio.gather(*saves)
    assert len(await saved(store, thread)) == 30
    assert len(made) < 15


async def test_a_later_call_of_a_group_sees_what_an_earlier_one_wrote(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    save = thread.together(store.sources.save, state(1, now))
    read = thread.together(store.sources.state, "source-1", now)
    _, found = await asyncio.gather(save, read)
    assert found == state(1, now)


async def test_a_call_that_fails_takes_none_of_its_neighbours_with_it(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    def broken() -> None:
        store.sources.save(state(99, now))
        raise ValueError("a mistake of ours")

    calls = [thread.together(store.sources.save, state(1, now)), thread.together(broken)]
    calls += [thread.together(store.sources.save, state(2, now), A_LINE[0])]
    first, second, third = await asyncio.gather(*calls, return_exceptions=True)
    assert (first, str(second), third) == (None, "a mistake of ours", None)
    found = await saved(store, thread)
    assert {"source-1", "source-2"} <= set(found)
    assert len(await thread(store.ledger.recent)) == 1  # done again, yet kept once


async def test_a_commit_that_fails_is_told_to_all_whom_it_would_have_kept(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    def refuse(_: object) -> None:
        raise StoreUnsure("the disk lost it")

    event.listen(store._database.engine, "commit", refuse)
    saves = [thread.together(store.sources.save, state(number, now)) for number in range(3)]
    answers = await asyncio.gather(*saves, return_exceptions=True)
    event.remove(store._database.engine, "commit", refuse)
    assert [type(each) for each in answers] == [StoreUnsure] * 3
    assert await saved(store, thread) == []


async def test_a_call_between_two_that_share_has_transactions_of_its_own(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    def alone() -> None:
        with store._database.together():  # would wait for its own connection inside another
            store.sources.save(state(2, now))

    calls = [thread.together(store.sources.save, state(1, now)), thread(alone)]
    await asyncio.gather(*calls, thread.together(store.sources.save, state(3, now)))
    assert await saved(store, thread) == ["source-1", "source-2", "source-3"]


async def test_a_call_whose_caller_is_gone_is_left_out(
    store: Store, thread: StoreThread, now: datetime
) -> None:
    gate = threading.Event()
    held = asyncio.create_task(thread(gate.wait))
    late = asyncio.create_task(thread.together(store.sources.save, state(1, now)))
    await asyncio.sleep(0)
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    gate.set()
    await held
    assert await saved(store, thread) == []


async def test_an_error_of_the_store_keeps_its_kind(store: Store, thread: StoreThread) -> None:
    def refuse() -> None:
        raise StoreError("no room")

    with pytest.raises(StoreError, match="no room"):
        await thread.together(refuse)
