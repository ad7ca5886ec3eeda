"""L2: the same event told by others, in other words and other languages; and what is another event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from monitor.judge import Window, place, traits
from monitor.judge.profile import features, handles, read, written
from monitor.model import Article, Reason, Traits, Verdict
from monitor.text.vectors import missing
from tests.build import NOON, make_article

vectors = pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed")

QUAKE = (
    "Séisme de magnitude 5,2 dans la province de Driouch",
    "Une secousse de magnitude 5,2 a été ressentie mardi soir dans la province de Driouch, au nord du Maroc. "
    "Trois maisons se sont effondrées à Midar et onze personnes ont été blessées, selon la protection civile.",
)
QUAKE_TOLD = (
    "Driouch: onze blessés après un tremblement de terre",
    "La terre a tremblé dans le nord du Maroc: un séisme de magnitude 5,2 a frappé Driouch mardi soir. La protection "
    "civile fait état de onze blessés à Midar, où trois maisons sont détruites.",
)
QUAKE_AR = (
    "زلزال بقوة 5,2 درجات يضرب إقليم الدريوش",
    "ضرب زلزال بقوة 5,2 درجات مساء الثلاثاء إقليم الدريوش شمال المغرب، وأصيب 11 شخصا بجروح في ميضار بعد انهيار ثلاثة "
    "منازل، حسب الوقاية المدنية.",
)
BANK = (
    "La banque centrale relève son taux directeur",
    "Réuni à Rabat, le conseil de la banque centrale a relevé son taux directeur d'un quart de point afin de freiner la "
    "hausse des prix, qui a atteint quatre pour cent au printemps.",
)


def article(
    text: tuple[str, str], outlet: str = "gazette", hours: float = 0, language: str = "fr", number: int = 1
) -> Article:
    moment = NOON + timedelta(hours=hours)
    return make_article(
        *text,
        key=f"{outlet}.example.org/{number}",
        source_id=outlet,
        language=language,
        published=moment,
        first_seen=moment,
    )


def stream(
    articles: Sequence[Article],
    window: Window | None = None,
    read_as: Callable[[Article], Traits] = traits,
) -> list[tuple[int, Verdict]]:
    """Each article's story in the end, and its verdict, in order of arrival."""
    window = window or Window()
    placed = []
    for each in articles:
        found = read_as(each)
        verdict = place(each, window.candidates(each, found, each.first_seen), found)
        known = window.add(each, found, verdict.story, verdict.duplicate_of, verdict.merges)
        placed.append((known.story_id, verdict))
    return [(window.story_of(story), verdict) for story, verdict in placed]


def stories(articles: Sequence[Article]) -> list[int]:
    return [story for story, _ in stream(articles)]


@vectors
def test_a_second_report_joins_the_story_and_says_why() -> None:
    (first, _), (second, verdict) = stream([article(QUAKE), article(QUAKE_TOLD, "herald", 2)])
    assert second == first
    assert verdict.duplicate_of is None
    assert verdict.likeness is not None
    assert 0.5 < verdict.likeness <= 1
    (decision,) = verdict.decisions
    assert decision.reason is Reason.JOINS_STORY
    assert "nearest is article 1 (gazette)" in decision.detail
    assert "in common" in decision.detail


@vectors
def test_a_report_in_another_script_joins_the_story() -> None:
    assert stories([article(QUAKE), article(QUAKE_AR, "alarab", 1, "ar")]) == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        # another subject
        BANK,
        # the same form, another place and other numbers
        (
            "Séisme de magnitude 3,4 dans la province de Midelt",
            "Une secousse de magnitude 3,4 a été ressentie jeudi matin dans la province de Midelt. Aucun dégât n'est signalé.",
        ),
    ],
)
def test_another_event_opens_a_story_of_its_own(other: tuple[str, str]) -> None:
    (first, _), (second, verdict) = stream([article(QUAKE), article(other, "herald", 2)])
    assert second != first
    assert [each.reason for each in verdict.decisions] == [Reason.OPENS_STORY]


def test_the_forecast_of_every_day_is_a_story_every_day() -> None:
    form = (
        "Météo: les prévisions du {0}",
        "Voici le temps prévu pour la journée du {0}: ciel clair dans le sud, pluies éparses au nord.",
    )
    days = [
        tuple(part.format(day) for part in form)
        for day in ("lundi 6 avril", "mardi 7 avril", "mercredi 8 avril")
    ]
    found = stories(
        [article((title, body), "gazette", 24 * n, number=n) for n, (title, body) in enumerate(days)]
    )
    assert len(set(found)) == 3


@vectors
@pytest.mark.parametrize(("hours", "joined"), [(71, True), (73, False)])
def test_a_late_report_joins_within_three_days_and_no_later(hours: float, joined: bool) -> None:
    first, second = stories([article(QUAKE), article(QUAKE_TOLD, "herald", hours)])
    assert (first == second) is joined


@vectors
def test_an_old_article_found_today_joins_no_story_of_today() -> None:
    old = article(QUAKE_TOLD, "herald", 1)
    stale = make_article(
        *QUAKE_TOLD,
        key="h/1",
        source_id="herald",
        language="fr",
        published=NOON - timedelta(days=9),
        first_seen=old.first_seen,
    )
    assert len(set(stories([article(QUAKE), stale]))) == 2


@vectors
def test_the_order_within_a_minute_changes_no_group() -> None:
    texts = [
        (QUAKE, "gazette", "fr"),
        (QUAKE_TOLD, "herald", "fr"),
        (BANK, "radio", "fr"),
        (QUAKE_AR, "alarab", "ar"),
    ]
    made = [article(text, outlet, n / 3600, language) for n, (text, outlet, language) in enumerate(texts)]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]):
        found = dict(zip(order, stories([made[n] for n in order]), strict=True))
        assert found[0] == found[1] == found[3] != found[2]


CHIEFS = (
    "Les chefs de la police marocaine et omanaise réunis à Mascate",
    "Le directeur de la police marocaine, Karim Benhaddou, a rencontré dimanche à Mascate le général omanais Salim "
    "Al-Rashdi. Ils ont signé un accord sur la lutte contre la fraude aux documents de voyage.",
)
CHIEFS_EN = (
    "Morocco and Oman police chiefs sign travel document deal in Muscat",
    "Moroccan police director Karim Benhaddou met Omani General Salim Al-Rashdi in Muscat on Sunday. They signed an "
    "agreement against the forging of travel documents.",
)
CHIEFS_AR = (
    "رئيسا الشرطة في المغرب وعمان يوقعان اتفاقا في مسقط",
    "التقى مدير الشرطة المغربية كريم بنحدو، الأحد في مسقط، اللواء العماني سليم الراشدي، ووقعا اتفاقا لمكافحة تزوير وثائق "
    "السفر.",
)


@vectors
def test_reports_in_three_languages_are_one_story_in_whatever_order_they_come() -> None:
    texts = [
        (CHIEFS, "gazette", "fr"),
        (CHIEFS_EN, "courier", "en"),
        (CHIEFS_AR, "alarab", "ar"),
        (BANK, "radio", "fr"),
    ]
    made = [article(text, outlet, 0, language) for text, outlet, language in texts]
    for order in permutations(range(4)):
        found = dict(zip(order, stories([made[n] for n in order]), strict=True))
        assert found[0] == found[1] == found[2] != found[3]


def test_a_merged_story_is_the_older_one_and_remembers_its_other_number() -> None:
    window = Window()
    for n, story in enumerate((None, None, 2)):
        window.add(article(BANK, number=n), Traits(), story, None)
    known = window.add(article(BANK, number=9), Traits(), 2, None, merges=(1,))
    assert (known.story_id, window.story_of(2), window.story_of(1)) == (1, 1, 1)


def without_vectors(each: Article) -> Traits:
    """As where the extra `vectors` is not installed."""
    found = replace(features(each), vector=None, headline=None)
    return Traits(handles=handles(found), profile=written(found))


def test_a_story_of_one_language_is_found_without_vectors() -> None:
    made = [article(QUAKE), article(QUAKE_TOLD, "herald", 2), article(BANK, "radio", 3)]
    assert [story for story, _ in stream(made, read_as=without_vectors)] == [1, 1, 3]


def test_a_profile_survives_its_bytes_and_stays_small() -> None:
    found = features(article(QUAKE))
    stored = written(found)
    profile = read(stored)
    assert profile is not None
    assert len(stored) < 4096
    assert profile.language == "fr"
    assert len(profile.terms) == len(found.terms)
    assert len(profile.numbers) == len(found.numbers) > 0
    assert profile.countries
    assert 0 < len(handles(found)) <= 64


@pytest.mark.parametrize("stored", [b"", b"\x00", b"\xff" * 50])
def test_a_profile_of_another_version_is_passed_over(stored: bytes) -> None:
    assert read(stored) is None


def test_the_window_forgets_what_is_older_than_three_days() -> None:
    window = Window()
    stream([article(BANK, "radio", n, number=n) for n in range(5)], window)
    later: datetime = NOON + timedelta(hours=200)
    late = article(BANK, "herald", 200)
    found = window.candidates(late, traits(late), later)
    assert (found.near, found.kin) == ((), ())
    assert not window.size
