"""Review -> an Atom feed (RFC 4287): any reader is a channel. Pure; called by the command and by whoever serves feeds.

An entry's id is made of the installation's host and the story's number, so a story stays one entry however often the
feed is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree

from monitor.review.order import headings_by_id, in_order
from monitor.review.page import headline, link, passages_of
from monitor.review.values import Review, ReviewStory
from monitor.review.words import Words, spread, words_for
from monitor.text.plain import NAME, one_line

NAMESPACE = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMED: Any = {None: NAMESPACE}
BORN = "2026"  # of the tag: scheme (RFC 4151): a year in which the host was the installation's


def atom(review: Review, host: str, *, name: str = "review", address: str = "") -> bytes:
    """The feed's document, UTF-8. `name` tells the feeds of one host apart, `address` is where it is served, if it is."""
    words = words_for(review.language)
    feed = etree.Element(f"{{{NAMESPACE}}}feed", {LANG: words.language}, nsmap=_NAMED)
    _add(feed, "id", f"tag:{host},{BORN}:{name}")
    _add(feed, "title", one_line(review.title, NAME) or words.occasions[review.occasion])
    stories = in_order(review)
    _add(feed, "updated", _when(max((story.last_seen for story in stories), default=review.since)))
    _add(feed, "generator", "media-monitor")
    if address:
        _add(feed, "link", rel="self", href=address)
    for story in stories:
        _entry(feed, story, review, words, host)
    made: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return made


def _entry(feed: etree._Element, story: ReviewStory, review: Review, words: Words, host: str) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"tag:{host},{BORN}:story/{story.id}")
    _add(entry, "title", headline(story, words))
    _add(entry, "updated", _when(story.last_seen))
    _add(entry, "published", _when(story.article.published or story.first_seen))
    _add(_add(entry, "author"), "name", one_line(story.outlet, NAME))
    if address := link(story.article.url):
        _add(entry, "link", rel="alternate", href=address)
    known = headings_by_id(review)
    for id in story.watchlists:
        label = known[id].title if id in known else id
        _add(entry, "category", term=one_line(id, NAME), label=one_line(label or id, NAME))
    lines = [spread(story, words), *("".join(part.text for part in found) for found in passages_of(story))]
    _add(entry, "summary", "\n".join(lines))


def _add(parent: etree._Element, name: str, content: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = content
    return element


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
