"""Review -> Page: every sentence of a document, in its language and time zone, ready to be laid out. Pure.

Called by the layouts (web page, letter, plain text, PDF), which add form and nothing else. What the press wrote is text
without steering characters here; a layout escapes it for its own language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from monitor.model import Answers, Hit, Receipt
from monitor.review.order import Section, importance, sections
from monitor.review.values import Copy, Foot, Occasion, Review, ReviewStory
from monitor.review.words import Words, hours, moment, place, spread, words_for, zone
from monitor.text.direction import right_to_left
from monitor.text.phrases import corrected, counted, phrases_for
from monitor.text.plain import NAME, one_line
from monitor.text.snippets import Passage, marked, passages

HEADLINE = 400  # characters
LEAD = 320
URL = 2_000
CARRIERS = 24  # outlets named beside a story
NAMES = 40  # sources named in the receipt


@dataclass(frozen=True, slots=True)
class Carrier:
    outlet: str
    url: str
    note: str  # its language, and whether it copies


@dataclass(frozen=True, slots=True)
class Entry:
    """A story as a document shows it. `anchor` is unique in the page."""

    anchor: str
    number: int
    title: str
    headline: Passage
    url: str
    outlet: str
    moment: str
    importance: str
    language: str
    rtl: bool
    lead: str
    passages: tuple[Passage, ...]
    spread: str
    correction: str
    carriers: tuple[Carrier, ...]
    more: int  # carriers that are not named
    answers: Answers | None


@dataclass(frozen=True, slots=True)
class Chapter:
    anchor: str
    title: str
    severity: str
    severity_word: str
    count: str
    entries: tuple[Entry, ...]
    above: tuple[tuple[str, str], ...]  # anchor and title of stories told in an earlier chapter


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    subject: str  # of a letter
    where: str  # what finds everything that a letter leaves out
    period: str
    clock: str  # whose
    count: str
    chapters: tuple[Chapter, ...]
    receipt: tuple[Fact, ...]
    foot: Foot | None
    words: Words

    @property
    def stories(self) -> int:
        return sum(len(chapter.entries) for chapter in self.chapters)

    @property
    def direction(self) -> str:
        return "rtl" if self.words.rtl else "ltr"


def page(review: Review) -> Page:
    words = words_for(review.language)
    told = sections(review)
    numbers = {story.id: n for n, story in enumerate((s for each in told for s in each.stories), start=1)}
    begin, end = (moment(at, review.timezone, words) for at in (review.since, review.until))
    title = one_line(review.title, NAME) or words.occasions[review.occasion]
    count = counted(words.stories, len(numbers)) if numbers else words.nothing
    when = f"{begin} – {end}" if review.occasion is Occasion.REVIEW else end
    return Page(
        title=title,
        subject=f"{title} · {when} · {count.rstrip('.')}",
        where=_command(review),
        period=f"{begin} – {end}",
        clock=place(review.timezone, words),
        count=count,
        chapters=tuple(_chapter(n, each, review, words, numbers) for n, each in enumerate(told, start=1)),
        receipt=tuple(_receipt(review.receipt, words)) if review.receipt else (),
        foot=review.foot,
        words=words,
    )


def _command(review: Review) -> str:
    """What prints the stories of this time, all of them, on the machine of the monitor."""
    local = [at.astimezone(zone(review.timezone)) for at in (review.since, review.until)]
    since, until = (f"{at:%Y-%m-%dT%H:%M}" for at in (local[0], local[1] + timedelta(minutes=1)))
    return f"monitor review --since {since} --until {until} --timezone {review.timezone}"


def _chapter(n: int, section: Section, review: Review, words: Words, numbers: dict[int, int]) -> Chapter:
    heading = section.heading
    total = len(section.stories) + len(section.told_above)
    return Chapter(
        anchor=f"w{n}",
        title=one_line(heading.title or heading.id, NAME),
        severity=heading.severity.value,
        severity_word=words.severity[heading.severity],
        count=counted(words.stories, total) if total else words.nothing,
        entries=tuple(_entry(story, review, words, numbers[story.id]) for story in section.stories),
        above=tuple((f"s{numbers[story.id]}", headline(story, words)) for story in section.told_above),
    )


def headline(story: ReviewStory, words: Words) -> str:
    return one_line(story.article.title, HEADLINE) or words.untitled


def passages_of(story: ReviewStory) -> tuple[Passage, ...]:
    """Where its text names what was looked for; nothing where only the headline does."""
    return passages(story.article.body, _hits(story))


def _hits(story: ReviewStory) -> list[Hit]:
    return [hit for match in story.matches for hit in match.hits]


def _entry(story: ReviewStory, review: Review, words: Words, number: int) -> Entry:
    article = story.article
    found = passages_of(story)
    named = tuple(_carriers(story, words))
    return Entry(
        anchor=f"s{number}",
        number=number,
        title=headline(story, words),
        headline=marked(article.title, _hits(story), "title", HEADLINE),
        url=link(article.url),
        outlet=one_line(story.outlet, NAME),
        moment=moment(article.published or story.first_seen, review.timezone, words),
        importance=f"{importance(story, review):.0f}",
        language=article.language or "",
        rtl=right_to_left(article.title, article.language),
        lead="" if found else one_line(article.summary or article.body, LEAD),
        passages=found,
        spread=spread(story, words),
        correction=corrected(story.correction, story.outlet, phrases_for(words.language))
        if story.correction
        else "",
        carriers=named[:CARRIERS] if len(story.outlets) > 1 else (),
        more=max(0, len(named) - CARRIERS),
        answers=story.answers,
    )


def _carriers(story: ReviewStory, words: Words) -> Iterator[Carrier]:
    """Each outlet once, with the first article it had; a report of its own goes before a copy."""
    first: dict[str, Copy] = {}
    for copy in story.copies:
        if copy.outlet not in first or (first[copy.outlet].copied and not copy.copied):
            first[copy.outlet] = copy
    for outlet, copy in first.items():
        note = words.comma.join(filter(None, (copy.language, words.copied if copy.copied else "")))
        yield Carrier(one_line(outlet, NAME), link(copy.url), note)


def link(url: str | None) -> str:
    """The address where it is one that a document may link to, else nothing."""
    usable = url is not None and url.startswith(("https://", "http://")) and len(url) <= URL
    return one_line(url, URL) if url and usable else ""


def _receipt(receipt: Receipt, words: Words) -> Iterator[Fact]:
    yield Fact(words.read, str(receipt.sources_read))
    yield Fact(words.failed, _names(receipt.failed, words))
    yield Fact(words.silent, _names(receipt.silent, words))
    yield Fact(words.uncovered, hours(receipt.hours_uncovered, words))


def _names(names: tuple[str, ...], words: Words) -> str:
    shown = words.comma.join(one_line(name, NAME) for name in names[:NAMES])
    more = f" (+{len(names) - NAMES})" if len(names) > NAMES else ""
    return f"{len(names)}{words.colon}{shown}{more}" if names else words.none
