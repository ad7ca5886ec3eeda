"""The daemon's gathering, and `reader` (PyPI), each as a process that reads its feeds once a line on stdin. Used by `gathering`.

`python -m benchmarks.contestants monitor CONFIG` or `... reader FOLDER` (which holds feeds.json): prints {} when it is ready and,
after each round, a JSON object of what came of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

A_DAY = timedelta(days=1)  # passes between two rounds, so that every source is due
WORKERS = 20  # of reader: it waits for the network in threads


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def monitor(config: Path) -> None:
    """The daemon without its scheduler: a tick of gather a round, as it begins what is due."""
    from monitor.app import build
    from monitor.settings import load

    days = 0
    async with build(load(config, os.environ), clock=lambda: datetime.now(UTC) + days * A_DAY) as app:
        tell()
        while await asyncio.to_thread(sys.stdin.readline):
            started = time.perf_counter()
            tally = await app.gather()
            seconds = time.perf_counter() - started
            new, problems = tally.articles_new, [said for _, said in tally.problems][:3]
            tell(seconds=seconds, read=tally.sources, failed=tally.failed, new=new, problems=problems)
            days += 1


def reader(folder: Path) -> None:
    import requests.adapters
    from reader import make_reader

    # reader's sessions do not ask the environment (REQUESTS_CA_BUNDLE)
    vars(requests.adapters)["DEFAULT_CA_BUNDLE_PATH"] = str(folder / "ca.pem")

    with make_reader(str(folder / "reader.db")) as feeds:
        for url in json.loads((folder / "feeds.json").read_text()):
            feeds.add_feed(url)
        tell()
        while sys.stdin.readline():
            started = time.perf_counter()
            results = [each.value for each in feeds.update_feeds_iter(scheduled=False, workers=WORKERS)]
            seconds = time.perf_counter() - started
            failed = [str(each) for each in results if isinstance(each, Exception)]
            new = sum(each.new for each in results if each is not None and not isinstance(each, Exception))
            tell(seconds=seconds, read=len(results), failed=len(failed), new=new, problems=failed[:3])


if __name__ == "__main__":
    place = Path(sys.argv[2])
    if sys.argv[1] == "monitor":
        asyncio.run(monitor(place))
    else:
        reader(place)
