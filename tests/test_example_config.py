"""config/ is a working example: it loads, and its watchlists hold on the cases of config/tests and on the first case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.judge import Rules, compile_rules, find_matches
from monitor.settings import Settings, load
from tests.build import make_article

CONFIG = Path(__file__).resolve().parent.parent / "config"
FIRST_CASE = {"dgsn-officials", "qatar-morocco-cooperation", "morocco-security-counterterrorism"}


@dataclass(frozen=True)
class Case:
    watchlist: str
    expected: bool
    title: str
    body: str
    language: str | None
    because: str

    @property
    def name(self) -> str:
        return f"{self.watchlist}-{'yes' if self.expected else 'no'}-{self.because or self.title}"


def cases() -> Iterator[Case]:
    for path in sorted((CONFIG / "tests").glob("*.yaml")):
        for test in YAML(typ="safe", pure=True).load(path)["tests"]:
            for key, expected in (("match", True), ("no_match", False)):
                for sample in test.get(key, ()):
                    yield _case(test["watchlist"], expected, sample)


def _case(watchlist: str, expected: bool, sample: dict[str, Any]) -> Case:
    text = (sample.get("title", ""), sample.get("body", ""))
    return Case(watchlist, expected, *text, sample.get("lang"), sample.get("because", ""))


@lru_cache(maxsize=1)
def settings() -> Settings:
    return load(CONFIG, {})


@lru_cache(maxsize=1)
def rules() -> Rules:
    s = settings()
    return compile_rules(s.watchlists, s.entities, s.sources, s.recipients, s.routes)


def matched(title: str, body: str, language: str | None = None) -> set[str]:
    article = make_article(title, body, language=language, source_id="")
    return {match.watchlist for match in find_matches(article, rules())}


@pytest.mark.parametrize("case", tuple(cases()), ids=lambda case: case.name)
def test_a_watchlist_holds_on_its_case(case: Case) -> None:
    assert (case.watchlist in matched(case.title, case.body, case.language)) is case.expected


def test_every_watchlist_has_cases_on_both_sides() -> None:
    sides = {(case.watchlist, case.expected) for case in cases()}
    assert sides == {(watchlist.id, side) for watchlist in settings().watchlists for side in (True, False)}


def test_the_example_holds_the_sources_languages_and_desks_of_the_first_case() -> None:
    s = settings()
    assert len(s.sources) >= 40
    assert {source.language for source in s.sources} >= {"fr", "ar", "en", "es"}
    assert {recipient.id for recipient in s.recipients} == {
        "security-desk",
        "diplomacy-desk",
        "forum-desk",
        "economy-desk",
    }
    assert all(watchlist.notify for watchlist in s.watchlists)


def test_every_channel_of_the_example_works_without_a_secret() -> None:
    kinds = {channel.kind.value for recipient in settings().recipients for channel in recipient.channels}
    assert kinds == {"console", "file"}


@pytest.mark.corpus
def test_the_first_case_reaches_security_and_diplomacy_and_not_the_forum_desk(corpus_data: Path) -> None:
    title, _, rest = (corpus_data / "first-case.txt").read_text().partition("\n")
    assert matched(title, rest, "fr") == FIRST_CASE
