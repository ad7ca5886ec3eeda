"""A sign of life: one GET to an address that the operator named. Called by the daemon.

By a guarded connection like everything else that is asked for; follows no redirect and reads no answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp

from monitor.collect import guard
from monitor.collect.connections import connector
from monitor.model import FetchPolicy, HeartbeatPolicy

DEADLINE = 10.0  # seconds


async def ping(to: HeartbeatPolicy, policy: FetchPolicy) -> str | None:
    """Why it did not arrive, as a sentence without the address's path; None when it did."""
    parts = urlsplit(to.url)
    policy = replace(
        policy, allow_private=to.allow_private, ports=(*policy.ports, *([parts.port] if parts.port else []))
    )
    if reason := guard.judge_url(to.url, policy.ports, to.allow_private):
        return f"the heartbeat to {parts.hostname} is refused: {reason} (heartbeat.allow_private allows your own network)"
    try:
        async with (
            asyncio.timeout(DEADLINE),
            aiohttp.ClientSession(
                connector=connector(policy), cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.get(to.url, allow_redirects=False, headers={"User-Agent": policy.user_agent}) as answer,
        ):
            return (
                None if answer.status < 300 else f"{parts.hostname} answered {answer.status} to the heartbeat"
            )
    except TimeoutError:
        return f"{parts.hostname} did not answer the heartbeat within {DEADLINE:.0f} s"
    except (aiohttp.ClientError, OSError) as error:
        inner = getattr(error, "os_error", error)
        return f"no heartbeat to {parts.hostname}: {getattr(inner, 'strerror', None) or inner.args[-1:] or type(inner).__name__}"
