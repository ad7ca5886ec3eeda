"""Worker processes: killed, starved and crashed for real."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from monitor.errors import ParseError, QueryError, WorkerCrashed, WorkerFailed, WorkerTimeout
from monitor.workers import RECYCLE_AFTER, Workers
from monitor.workers.forkserver import AVX_512, Forkserver, kernels
from tests import worker_tasks as tasks


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=2, memory_bytes=200_000_000) as pool:
        yield pool


@pytest.fixture
async def lone() -> AsyncIterator[Workers]:
    async with Workers(count=1, memory_bytes=200_000_000) as pool:
        yield pool


@pytest.fixture
def apart() -> Iterator[Forkserver]:
    """Of this test alone: it may change and be killed."""
    forkserver = Forkserver()
    yield forkserver
    forkserver.close()


def own_children() -> list[int]:
    """Of this process, zombies included."""
    return [child.pid for child in psutil.Process().children(recursive=True)]


def open_files() -> int:
    return psutil.Process().num_fds()


def named_pid(folder: Path) -> int:
    """Of the child that runs `hang_and_say`."""
    return int(next(folder.iterdir()).name)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def until(condition: Callable[[], bool]) -> None:
    """Give the operating system its moment; fails after 5 s."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # the kernel sets no Event
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, None, "ü"]},
        b"x" * 3_000_000,  # more than a socket's buffer, both ways
        "\ud800",  # a lone surrogate
    ],
    ids=["small", "large", "surrogate"],
)
async def test_a_result_comes_back_as_it_was_sent(workers: Workers, value: object) -> None:
    assert await workers.run(tasks.echo, 5, value) == value


async def test_keyword_arguments_reach_the_function(workers: Workers) -> None:
    assert await workers.run(tasks.divide, 5, a=6, b=3) == 2


async def test_a_child_serves_many_tasks(lone: Workers) -> None:
    assert len({await lone.run(tasks.pid, 5) for _ in range(5)}) == 1


@pytest.mark.parametrize("stuck", [tasks.hang, tasks.spin])
async def test_a_task_is_killed_at_its_deadline_and_the_pool_goes_on(
    lone: Workers, stuck: Callable[[], None]
) -> None:
    before = await lone.run(tasks.pid, 5)
    with pytest.raises(WorkerTimeout, match=rf"{stuck.__name__}: killed at its deadline of 0.3 s"):
        await lone.run(stuck, 0.3)
    assert await lone.run(tasks.pid, 5) != before
    assert gone(before)


@pytest.mark.parametrize(
    ("task", "args", "told"),
    [
        # Python notices that memory is refused
        (tasks.devour, (), "devour: out of memory: it needed more than 200 MB"),
        # a C library ends the process
        (tasks.leave, (3,), "leave: ended by itself with status 3"),
        (tasks.segfault, (), "segfault: crashed by SIGSEGV"),
        # what the kernel does when the machine has no memory left
        (tasks.kill_itself, (), "killed by SIGKILL: perhaps the machine ran out of memory"),
        # an error that nobody foresaw is told by its name
        (tasks.divide, (1, 0), "divide: ZeroDivisionError: division by zero"),
        (tasks.answer_a_lock, (), "answer_a_lock: TypeError: cannot pickle"),
        (tasks.refuse_unpicklably, ("not a feed",), "Unpicklable: not a feed"),
        (tasks.refuse_demandingly, ("not a feed",), "Demanding: not a feed at line 3"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_a_death_says_why_and_the_next_task_runs(
    lone: Workers, task: Callable[..., Any], args: tuple[Any, ...], told: str
) -> None:
    with pytest.raises(WorkerCrashed) as caught:
        await lone.run(task, 20, *args)
    assert told in str(caught.value)
    assert await lone.run(tasks.echo, 5, "next") == "next"


async def test_an_unforeseen_error_carries_the_childs_traceback(lone: Workers) -> None:
    with pytest.raises(WorkerCrashed) as caught:
        await lone.run(tasks.divide, 5, 1, 0)
    assert "worker_tasks.py" in caught.value.__notes__[0]


async def test_an_error_raised_on_purpose_is_raised_again_whole(workers: Workers) -> None:
    with pytest.raises(ParseError, match="not a feed: an HTML page"):
        await workers.run(tasks.refuse, 5, "not a feed: an HTML page")
    with pytest.raises(QueryError) as caught:
        await workers.run(tasks.refuse_query, 5, "unexpected )", 17)
    assert (str(caught.value), caught.value.column) == ("unexpected )", 17)


async def test_a_kill_disturbs_no_other_task(workers: Workers) -> None:
    async def serve() -> list[object]:
        return [await workers.run(tasks.echo, 5, number) for number in range(200)]

    stuck = asyncio.create_task(workers.run(tasks.hang, 0.2))
    assert await serve() == list(range(200))
    with pytest.raises(WorkerTimeout):
        await stuck


async def test_waiting_for_a_free_child_is_not_in_the_deadline(lone: Workers) -> None:
    await lone.run(tasks.echo, 5, 0)
    first = asyncio.create_task(lone.run(tasks.hang, 5, 0.6))
    await asyncio.sleep(0)
    assert await lone.run(tasks.echo, 0.5, "patient") == "patient"
    await first


async def test_a_cancelled_call_kills_its_child_and_frees_its_place(lone: Workers, tmp_path: Path) -> None:
    call = asyncio.create_task(lone.run(tasks.hang_and_say, 60, str(tmp_path)))
    await until(lambda: any(tmp_path.iterdir()))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    pid = named_pid(tmp_path)
    assert await lone.run(tasks.echo, 5, "freed") == "freed"
    await until(lambda: gone(pid))


async def test_a_call_cancelled_while_its_child_starts_leaves_nothing(lone: Workers) -> None:
    files, children = open_files(), set(own_children())
    call = asyncio.create_task(lone.run(tasks.hang, 60))
    await until(lambda: bool(set(own_children()) - children))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: set(own_children()) <= children)
    assert open_files() <= files + 2  # the loop's executor may have come


async def test_a_child_that_died_while_idle_is_replaced(lone: Workers) -> None:
    pid = await lone.run(tasks.pid, 5)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: gone(pid))
    assert await lone.run(tasks.pid, 5) != pid


async def test_children_ignore_the_signals_that_are_meant_for_the_daemon(lone: Workers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        assert await lone.run(tasks.ignores, 5, number)


async def test_children_know_no_secret_of_the_environment(
    apart: Forkserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "canary")
    async with Workers(count=1, source=apart) as workers:
        assert "canary" not in (await workers.run(tasks.environment, 5)).values()


async def test_what_a_task_prints_is_not_the_parents_output(
    lone: Workers, capfd: pytest.CaptureFixture[str]
) -> None:
    await lone.run(tasks.print_loudly, 5)
    assert capfd.readouterr() == ("", "")


async def test_children_are_recycled_after_their_tasks(lone: Workers) -> None:
    first = await lone.run(tasks.pid, 5)
    for _ in range(RECYCLE_AFTER - 1):
        await lone.run(tasks.echo, 5, None)
    assert await lone.run(tasks.pid, 5) != first


async def test_children_that_are_warm_serve_the_first_tasks() -> None:
    async with Workers(count=2) as workers:
        await workers.warm(2)
        assert len(workers._idle) == 2
        assert None not in await asyncio.gather(*(workers.run(tasks.pid, 5) for _ in range(2)))
        assert len(workers._idle) == 2


async def test_no_more_children_warm_up_than_may_work_beside_the_tasks_that_came_first() -> None:
    async with Workers(count=2) as workers:
        first = asyncio.gather(*(workers.run(tasks.pid, 5) for _ in range(4)))
        await workers.warm(2)
        await first
        assert len(workers._idle) == 2


async def test_closing_while_children_warm_up_leaves_none() -> None:
    workers = Workers(count=2)
    warming = asyncio.create_task(workers.warm(2))
    await asyncio.sleep(0)
    await workers.close()
    await warming
    assert workers._idle == []


@pytest.mark.slow
async def test_a_hundred_kills_leave_no_zombie_and_no_open_file(workers: Workers) -> None:
    await asyncio.gather(*(workers.run(tasks.echo, 5, None) for _ in range(2)))
    files, children = open_files(), len(own_children())

    async def kill(number: int) -> None:
        with pytest.raises(WorkerFailed):
            await workers.run(tasks.hang, 0.01) if number % 2 else await workers.run(tasks.leave, 5, 1)

    await asyncio.gather(*(kill(number) for number in range(100)))
    await asyncio.gather(*(workers.run(tasks.echo, 5, None) for _ in range(2)))
    await until(lambda: len(own_children()) <= children)
    assert open_files() <= files


async def test_children_killed_from_outside_in_mid_answer_cost_their_own_tasks_alone(
    workers: Workers,
) -> None:
    """A pool whose children share one pipe breaks here: the dead one holds the lock."""
    body = b"x" * 4_000_000
    served = asyncio.create_task(serve_all(workers, body))
    while not served.done():
        for pid in own_children()[-1:]:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.05)
    results = await served
    assert all(result == body or isinstance(result, WorkerCrashed) for result in results)
    assert await workers.run(tasks.echo, 5, body) == body


async def serve_all(workers: Workers, body: bytes) -> list[object]:
    calls = (workers.run(tasks.echo, 20, body) for _ in range(24))
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def test_closing_ends_busy_calls_and_refuses_new_ones(tmp_path: Path) -> None:
    workers = Workers(count=1)
    call = asyncio.create_task(workers.run(tasks.hang_and_say, 60, str(tmp_path)))
    await until(lambda: any(tmp_path.iterdir()))
    await workers.close()
    assert gone(named_pid(tmp_path))
    with pytest.raises(WorkerFailed, match="the workers were closed"):
        await call
    with pytest.raises(WorkerFailed, match="the workers are closed"):
        await workers.run(tasks.echo, 1, 1)


async def test_preloaded_modules_are_there_before_the_first_task() -> None:
    async with Workers(count=1, preload=("tests.worker_tasks",)) as workers:
        assert await workers.run(tasks.echo, 5, "ready") == "ready"


async def test_a_preload_that_does_not_import_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    async with Workers(count=1, preload=("monitor.no_such_room",)) as workers:
        with pytest.raises(WorkerCrashed, match="echo: ended by itself with status 1"):
            await workers.run(tasks.echo, 5, 1)
    assert "no_such_room" in capfd.readouterr().err


async def test_children_share_what_was_preloaded() -> None:
    async with Workers(count=1, preload=("tests.worker_ballast",)) as workers:
        pid = await workers.run(tasks.pid, 5)
        memory = psutil.Process(pid).memory_full_info()
    assert memory.rss > 40_000_000 > memory.uss


async def test_pools_that_preload_the_same_share_its_one_copy() -> None:
    async with Workers(count=1) as one, Workers(count=1) as other:
        parents = {psutil.Process(await each.run(tasks.pid, 5)).ppid() for each in (one, other)}
    assert len(parents) == 1


async def test_an_idle_child_is_ended_and_the_next_task_has_a_new_one() -> None:
    async with Workers(count=1, idle_seconds=0.05) as workers:
        pid = await workers.run(tasks.pid, 5)
        await until(lambda: not psutil.pid_exists(pid))
        assert await workers.run(tasks.pid, 5) != pid


async def test_a_killed_forkserver_takes_its_children_along_and_the_next_task_has_another(
    apart: Forkserver,
) -> None:
    async with Workers(count=2, source=apart) as workers:
        parent = psutil.Process(await workers.run(tasks.pid, 5)).ppid()
        call = asyncio.create_task(workers.run(tasks.hang, 60))
        await asyncio.sleep(0)
        os.kill(parent, signal.SIGKILL)
        with pytest.raises(WorkerCrashed, match="killed by SIGKILL"):
            await call
        assert await workers.run(tasks.echo, 5, "next") == "next"


PARENT = """
import asyncio, sys
from monitor.workers import Workers
from tests import worker_tasks as tasks
asyncio.run(Workers(count=1).run(tasks.hang_and_say, 60, sys.argv[1]))
"""


async def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(tmp_path))
    try:
        await until(lambda: any(tmp_path.iterdir()))
        pid = named_pid(tmp_path)
        forkserver = psutil.Process(pid).ppid()
    finally:
        parent.kill()
        await parent.wait()
    await until(lambda: gone(pid) and gone(forkserver))


@pytest.mark.parametrize(
    ("cpu", "named"),
    [
        # a processor with all that the newer kernels use
        (f"processor\t: 0\nflags\t\t: fpu sse2 avx2 {' '.join(sorted(AVX_512))} vaes\n", True),
        # one that has only the first of it would die of them
        ("processor\t: 0\nflags\t\t: fpu sse2 avx2 avx512f\n", False),
        # another architecture, or no Linux
        ("processor\t: 0\nFeatures\t: fp asimd\n", False),
        ("", False),
    ],
)
def test_newer_kernels_are_named_only_where_the_processor_has_what_they_use(cpu: str, named: bool) -> None:
    assert bool(kernels(cpu)) is named
