"""The pages of alerted articles, looked at again: a real database, workers and recording; the outlet is a fake."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.app import App, build
from monitor.cli import invoke
from monitor.follow.headlines import headline_changed
from monitor.model import FailureKind, FetchFailure, KnownArticle, Purpose, Reason, Request, Response
from monitor.settings import load
from tests.build import write_config
from tests.fakes import FakeFetcher, FakeSender
from tests.journey.conftest import Clock

FEED, PAGE = "https://gazette.example.org/feed", "https://gazette.example.org/barrage"
TITLE = "Le barrage de Bouregreg déborde après les pluies"
SENTENCES = (
    "Le barrage de Bouregreg a débordé mardi matin après trois jours de pluie ininterrompue sur toute la région.",
    "Les habitants des villages voisins ont été évacués vers une école de la commune par la protection civile.",
    "Aucune victime n’est à déplorer, selon un premier bilan communiqué par les autorités locales à la mi-journée.",
    "Le niveau de la retenue devrait revenir à la normale d’ici la fin de la semaine, estiment les techniciens.",
)


def page(title: str = TITLE, *sentences: str) -> bytes:
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences or SENTENCES)
    return (
        f"<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>{title}</title></head><body><main><article>"
        f"<h1>{title}</h1>{body}</article></main></body></html>"
    ).encode()


def missing(status: int, said: str) -> Response:
    return Response(
        Request(PAGE, Purpose.PAGE),
        PAGE,
        status,
        failure=FetchFailure(FailureKind.STATUS, f"{status} {said}"),
    )


class Desk:
    """A program that has alerted on one article."""

    def __init__(self, app: App, clock: Clock, outlet: FakeFetcher, config: Path) -> None:
        self.app, self.clock, self.outlet, self.config = app, clock, outlet, config

    async def later(self, **by: float) -> None:
        self.clock.turn(**by)
        await self.app.follow()

    @property
    def article(self) -> KnownArticle:
        known = self.app.store.articles.get(1)
        assert known is not None
        return known

    @property
    def told(self) -> list[tuple[Reason, str]]:
        lines = self.app.store.ledger.of_article(1)
        return [
            (line.decision.reason, line.decision.detail) for line in lines if line.decision.stage == "revisit"
        ]

    @property
    def asked(self) -> int:
        return sum(request.url == PAGE for request in self.outlet.requests)


@pytest.fixture
async def desk(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Desk]:
    config = write_config(
        tmp_path / "config",
        monitor={"database": sqlite_url},
        sources=[{"id": "gazette", "url": FEED, "full_text": True, "backfill": True}],
        recipients=[{"id": "desk", "channels": [{"id": "screen", "console": True}]}],
        watchlists=[
            {"id": "dams", "any": ["barrage"], "notify": ["desk"]},
            {"id": "victims", "any": ["blessés"], "notify": ["desk"]},
        ],
    )
    clock = Clock()
    outlet = FakeFetcher({FEED: _rss(), PAGE: page()})
    async with build(load(config, {}), clock=clock) as app:
        app.parts = replace(app.parts, fetcher=outlet, sender=FakeSender())
        tally = await app.gather()
        assert tally.alerts == 1
        yield Desk(app, clock, outlet, config)


def _rss() -> bytes:
    item = f"<item><title>{TITLE}</title><link>{PAGE}</link><description>{SENTENCES[0]}</description></item>"
    return f"<rss version='2.0'><channel><title>Gazette</title>{item}</channel></rss>".encode()


async def test_an_alerted_page_is_looked_at_after_one_six_and_twenty_four_hours(desk: Desk) -> None:
    for hours, asked in ((0.5, 1), (0.5, 2), (4, 2), (1, 3), (17, 3), (1, 4), (100, 4)):
        await desk.later(hours=hours)
        assert desk.asked == asked
    assert [reason for reason, _ in desk.told] == [Reason.REVISITED] * 3


async def test_a_changed_text_becomes_a_version_and_a_changed_headline_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = "Deux personnes ont disparu, selon un nouveau bilan communiqué par les autorités locales dans la soirée."
    desk.outlet.pages[PAGE] = page("Deux disparus dans la crue du Bouregreg", *SENTENCES[:2], changed)
    await desk.later(hours=1)
    assert desk.article.article.title == "Deux disparus dans la crue du Bouregreg"
    assert desk.told == [
        (Reason.HEADLINE_CHANGED, f"«{TITLE}» became «Deux disparus dans la crue du Bouregreg»"),
    ]
    [before] = desk.app.store.articles.earlier_texts(1)
    assert before.title == TITLE
    for wanted in ("1", f"{PAGE}?utm_source=mail"):
        assert invoke(["article", wanted, "-c", str(desk.config), "-o", "json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        first, second = shown["versions"]
        assert (first["diff"], second["until"]) == ([], None)
        assert f"+{changed}" in second["diff"]
        assert f"-{SENTENCES[2]}" in second["diff"]
        assert len(shown["next_looks"]) == 2
    assert invoke(["article", "1", "-c", str(desk.config)]) == 0
    assert f"+{changed}" in capsys.readouterr().out


async def test_a_text_that_comes_to_match_another_watchlist_alerts_no_desk_twice(desk: Desk) -> None:
    desk.outlet.pages[PAGE] = page(
        TITLE, *SENTENCES, "On compte désormais trois blessés parmi les habitants évacués."
    )
    await desk.later(hours=1)
    assert [match.watchlist for match in desk.app.store.articles.matches(1)] == ["dams", "victims"]
    assert sum(desk.app.store.outbox.counts().values()) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (missing(404, "Not Found"), "404 Not Found"),
        (missing(410, "Gone"), "410 Gone"),
        # many outlets show their front page instead
        (
            Response(Request(PAGE, Purpose.PAGE), "https://gazette.example.org/", 200, {}, page("Accueil")),
            "it leads to the front page now",
        ),
    ],
)
async def test_a_removed_article_is_marked_and_kept_and_its_return_is_told(
    desk: Desk, answer: Response, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = desk.article.article.body
    desk.outlet.pages[PAGE] = answer
    await desk.later(hours=1)
    gone = desk.article
    assert gone.removed_at == desk.clock.now
    assert gone.article.body == text
    assert desk.told == [(Reason.REMOVED, f"look 1: {said}")]
    assert invoke(["article", "1", "-c", str(desk.config)]) == 0
    assert "removed by the outlet" in capsys.readouterr().out
    desk.outlet.pages[PAGE] = page()
    await desk.later(hours=6)
    assert desk.article.removed_at is None
    assert desk.told[1:] == [
        (Reason.RESTORED, "look 2: the page is there again"),
        (Reason.REVISITED, "look 2: unchanged"),
    ]


async def test_a_page_that_does_not_answer_is_tried_again_and_then_given_up(desk: Desk) -> None:
    desk.outlet.pages[PAGE] = missing(503, "Service Unavailable")
    for _ in range(4):
        await desk.later(hours=1)
    assert desk.asked == 4  # the first reading and three tries
    assert desk.told == [(Reason.PAGE_FAILED, "look 1: 503 Service Unavailable")]
    assert desk.article.removed_at is None


async def test_a_page_that_robots_must_not_read_is_asked_once(desk: Desk) -> None:
    refused = FetchFailure(FailureKind.REFUSED, "refused: robots.txt forbids it")
    desk.outlet.pages[PAGE] = Response(Request(PAGE, Purpose.PAGE), PAGE, failure=refused)
    await desk.later(hours=1)
    await desk.later(hours=1)
    assert desk.asked == 2
    assert desk.told == [(Reason.PAGE_FAILED, "look 1: refused: robots.txt forbids it")]


async def test_a_login_page_in_its_place_is_no_new_version(desk: Desk) -> None:
    wall = "<html><title>Connexion</title><body><h1>Connexion</h1><p>Mot de passe oublié ?</p></body></html>"
    desk.outlet.pages[PAGE] = wall.encode()
    await desk.later(hours=1)
    assert desk.app.store.articles.versions(1) == 0
    assert desk.article.article.title == TITLE


async def test_rounds_that_were_slept_through_are_one_look(desk: Desk) -> None:
    await desk.later(days=3)
    assert desk.asked == 2
    assert len(desk.told) == 1


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Le roi inaugure le port", "Le roi inaugure le port", False),
        # the outlet's name, a kicker, capitals and signs are no other headline
        ("Le roi inaugure le port", "Le Roi inaugure le port - La Gazette", False),
        ("Royal : Le roi inaugure le port", "Le roi inaugure le port", False),
        ("Le roi inaugure le port", "Le roi reporte l’inauguration du port", True),
        # a word is not its beginning
        ("Le port", "Le portefeuille", True),
        # a page without a headline says nothing
        ("Le port", "", False),
        ("الأمن الوطني يوقف مشتبها", "الأمن الوطني يفرج عن مشتبه", True),
    ],
)
def test_another_headline_is_told_from_the_same_in_another_dress(old: str, new: str, changed: bool) -> None:
    assert headline_changed(old, new) is changed
