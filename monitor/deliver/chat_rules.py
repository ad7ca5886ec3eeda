"""Where chat may go, what it takes out of a text, and what an error may show. Decisions alone; pure.

Called by chat, in its child process.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from monitor.text.plain import one_line

# What Apprise calls them. Those that speak to an operator's own host have a second, TLS form ending in s.
SCHEMES = frozenset(
    "bark barks discord feishu flock form forms gchat gotify gotifys guilded http https json jsons lark line matrix "
    "matrixs mmost mmosts nctalk nctalks ntfy ntfys opsgenie pagerduty pbul pover revolt rocket "
    "rockets ryver signal signals signl4 slack synology synologys tgram threema twist webex wecombot whatsapp workflow workflows "
    "wxteams xml xmls zoom zulip".split()
)
REFUSED_OPTIONS = frozenset(
    "redirect verify retry wait cto rto store template optional overflow emojis attach tag".split()
)

# What people write, and what Apprise calls it.
CALLED = {
    "mattermost": "mmost",
    "mattermosts": "mmosts",
    "telegram": "tgram",
    "teams": "workflows",
    "msteams": "workflows",
    "googlechat": "gchat",
    "rocketchat": "rocket",
}

_SHOWN = 200
_NOTHING = "\N{ZERO WIDTH SPACE}"
# A mention or a link in disguise, in any of the services: a zero-width space takes its meaning and leaves its look.
_MENTION = re.compile(
    r"(?<![\w/])@(?=\w)|@(?=everyone|here|channel|all\b|room)|<(?=[!@#&:]|/[\w -]+:\d|at\b|t:\d|id:|a:)|(?<=\])(?=\()",
    re.IGNORECASE,
)


def refusal(url: str) -> str:
    """Why a URL may not be used, judged by its words alone; '' where it may."""
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        hint = f"; write {CALLED[scheme]}://" if scheme in CALLED else ""
        return f"the service {one_line(scheme, 20)!r} is not one that alerts may go to{hint}"
    # From the first question mark, as Apprise reads it: a # before it (a channel's name) ends nothing.
    options = {name.lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    refused = sorted(options & REFUSED_OPTIONS)
    return f"the option {refused[0]} is not allowed in the address" if refused else ""


def harmless(text: str) -> str:
    return _MENTION.sub(lambda found: found[0] + _NOTHING, text)


def scrubbed(text: str, url: str) -> str:
    """A service's own words without any part of the URL that could be a token."""
    parts = {*re.split(r"[^\w.-]+", url), *re.split(r"[^\w.-]+", unquote(url))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= 6:
            text = text.replace(part, "***")
    return one_line(text, _SHOWN)
