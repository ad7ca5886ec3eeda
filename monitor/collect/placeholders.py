"""Addresses that carry the date, such as `/sitemap-{YYYY}-{MM}.xml`, filled from the moment of polling. Pure.

Called by the kinds that allow them. Knows no outlet's time zone: near a turn both documents are read instead.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FORMS = {"YYYY": "{:%Y}", "YY": "{:%y}", "MM": "{:%m}", "M": "{0.month}", "DD": "{:%d}", "D": "{0.day}"}
# Late articles go into the document of their day, and the Gulf's evening is UTC's next day
BEHIND_A_DAY, BEHIND = timedelta(hours=6), timedelta(hours=36)
AHEAD = timedelta(hours=4)


def unknown(url: str) -> list[str]:
    """What stands in braces and is no placeholder."""
    return [name for name in PLACEHOLDER.findall(url) if name not in FORMS]


def literal(url: str) -> str:
    """The address with what stands in braces and is no placeholder percent-encoded."""
    return PLACEHOLDER.sub(lambda found: found[0] if found[1] in FORMS else f"%7B{found[1]}%7D", url)


def addresses(url: str, now: datetime) -> tuple[str, ...]:
    """The addresses to read at `now` (UTC), the oldest first: that one is there, the newest may not be yet.

    One most of the time; in a month's first 36 hours (a day's first 6) that of the one before too, and in the last 4
    hours the next one's.
    """
    names = set(PLACEHOLDER.findall(url)) & FORMS.keys()
    if not names:
        return (url,)
    behind = BEHIND_A_DAY if names & {"DD", "D"} else BEHIND
    moments = (now - behind, now, now + AHEAD)
    return tuple(dict.fromkeys(_filled(url, moment) for moment in moments))


def _filled(url: str, moment: datetime) -> str:
    return PLACEHOLDER.sub(lambda found: FORMS.get(found[1], found[0]).format(moment), url)
