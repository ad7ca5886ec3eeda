"""What a source's keys may hold for its kind: addresses, selectors, patterns. Used by `schema`.

A key of another kind is refused where it stands: silently ignored, it would leave its author believing that it counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any

import re2
from cssselect import HTMLTranslator, SelectorError
from pydantic import AfterValidator, StringConstraints, ValidationInfo, WithJsonSchema

from monitor.model import Each, SourceKind
from monitor.settings.fields import mistake, nearest, split_url, web_address

KEYS = {
    "items": (SourceKind.PAGE,),
    "link_pattern": (SourceKind.PAGE, SourceKind.MAILBOX),
    "each": (SourceKind.MAILBOX,),
    "password": (SourceKind.MAILBOX,),
}
DATED = (SourceKind.FEED, SourceKind.NEWS_SITEMAP, SourceKind.PAGE)
PLACEHOLDERS = ("YYYY", "YY", "MM", "M", "DD", "D")
FOLDER = "imaps://user@mail.example.org/Newsletters"
WITHOUT_PAGES = (SourceKind.TELEGRAM,)  # their items are whole, and no page holds more


def _address(value: str, info: ValidationInfo) -> str:
    kind = info.data.get("kind")
    if kind is SourceKind.MAILBOX:
        return _folder(value)
    if value.startswith(("imap://", "imaps://")) and kind is not None:
        raise mistake(f"a mailbox's address, but the kind is {kind}: write kind: mailbox")
    return _placeholders(web_address(value), kind)


def _folder(value: str) -> str:
    parts = split_url(value, ("imaps", "imap"), FOLDER)
    if not parts.username:
        raise mistake(f"names no user: write it like {FOLDER}")
    if parts.password is not None:
        raise mistake('a password in the address: write password: "${file:imap.key}" instead')
    return value


def _placeholders(value: str, kind: SourceKind | None) -> str:
    names = re.findall(r"\{([^{}]*)\}", value)
    if names and kind is not None and kind not in DATED:
        raise mistake(f"{{{names[0]}}} is not filled in for kind {kind}; it is for {', '.join(DATED)}")
    for name in names:
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise mistake(
                f"{{{name}}} is no placeholder; known are {known}{nearest(name.upper(), PLACEHOLDERS)}"
            )
    return value


def _own(value: Any, info: ValidationInfo) -> Any:
    """The value, where its key belongs to the source's kind."""
    kind = info.data.get("kind")
    belongs = KEYS[info.field_name or ""]
    if kind is not None and kind not in belongs:
        raise mistake(f"only for kind {' or '.join(belongs)}, and this source is a {kind}")
    return value


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value)
    except (SelectorError, RecursionError) as error:
        raise mistake(f"{{value}} is not a CSS selector: {str(error) or 'nested too deep'}") from None
    return value


def _pattern(value: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(value, options=options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        shown = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        raise mistake(f"{{value}} is not a regular expression (RE2): {shown}") from None
    return value


def complete(kind: SourceKind, given: Collection[str], *, full_text: bool, each: Each) -> None:
    """What one key asks of another. Raises a mistake."""
    if kind is SourceKind.PAGE and not {"items", "link_pattern"} & set(given):
        raise mistake("a page needs items (a CSS selector), link_pattern (a regular expression), or both")
    if kind is SourceKind.MAILBOX and "password" not in given:
        raise mistake('a mailbox needs its password: "${file:imap.key}" or "${VAR}"')
    if "link_pattern" in given and kind is SourceKind.MAILBOX and each is Each.MAIL:
        raise mistake(
            "link_pattern selects links, and this mailbox has an item for each mail: write each: link"
        )
    if "article" in given and not full_text:
        raise mistake("article selects the text in a page, and no page is read: write full_text: true")
    if full_text and (kind in WITHOUT_PAGES or (kind is SourceKind.MAILBOX and each is Each.MAIL)):
        raise mistake(f"full_text: the items of kind {kind} are whole, and no page holds more")


_Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]

SourceAddress = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_address),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(https?://|imaps?://|\\$\\{)",
            "examples": ["https://example.org/feed", "https://example.org/sitemap-{YYYY}-{MM}.xml", FOLDER],
        }
    ),
]
ArticleSelector = Annotated[_Text, AfterValidator(_selector)]
ItemsSelector = Annotated[_Text, AfterValidator(_selector), AfterValidator(_own)]
LinkPattern = Annotated[_Text, AfterValidator(_pattern), AfterValidator(_own)]
EachItem = Annotated[Each, AfterValidator(_own)]
Password = Annotated[_Text, AfterValidator(_own)]
