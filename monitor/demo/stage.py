"""The demo's two rounds through the real daemon path, and what came of them. Called by `monitor demo`.

    settings.load -> app.build -> gather (the morning's press: a baseline) -> the news breaks -> gather -> deliver

Prints nothing (a `Scene` is told), writes only below the folder it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rich.console import Console

from monitor.app import App, build
from monitor.demo.newsroom import Outlet, Piece
from monitor.demo.server import Press
from monitor.errors import UsageError
from monitor.model import Delivery, DeliveryState, KnownArticle, SourceState
from monitor.parts import Tally
from monitor.refine import url_key
from monitor.settings import load

CONFIG = Path(__file__).parent / "config"


class Scene(Protocol):
    """Whoever watches: told when a round begins, of each source read or channel served, and when the reading ends."""

    def begin(self, round: int, sources: int) -> None: ...

    def told(self, name: str, tally: Tally) -> None: ...

    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Trap:
    """An article that a coarser watchlist would have alerted on."""

    outlet: str
    title: str
    watchlist: str
    because: str
    caught: bool  # True: the watchlist was fooled


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The first case's page names the forum; does what was read of it?"""

    headline: str
    in_page: bool
    in_article: bool


@dataclass(slots=True)
class Report:
    out: Path
    tally: Tally = field(default_factory=Tally)
    deliveries: list[Delivery] = field(default_factory=list)
    states: dict[str, SourceState] = field(default_factory=dict)
    traps: list[Trap] = field(default_factory=list)
    sidebar: Sidebar | None = None
    reports: int = 0  # articles of the first case ...
    outlets: int = 0  # ... at so many outlets ...
    languages: int = 0
    stories: int = 0  # ... in so many stories
    backlog: dict[str, str] = field(
        default_factory=dict
    )  # watchlist: title of the morning's match, never alerted


@dataclass(frozen=True, slots=True)
class _Printed:
    """A piece as the store has it."""

    outlet: Outlet
    piece: Piece
    known: KnownArticle
    matched: frozenset[str]


def prepare(out: Path) -> Path:
    """The folder, made and absolute. Raises UsageError where a demo has run in it already: its rounds would be no news."""
    out = out.absolute()
    if (out / "monitor.db").exists():
        raise UsageError(f"{out} holds the database of an earlier demo: name another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    return out


async def perform(out: Path, clock: Callable[[], datetime], scene: Scene, console: Console) -> Report:
    """Run both rounds; alerts go to `console` and into `out`/alerts, a prepared folder."""
    async with Press(clock()) as press:
        settings = load(CONFIG, {"DEMO_OUT": str(out), **press.environ})
        async with build(settings, clock=clock, console=console, told=scene.told) as app:
            report = Report(out)
            report.tally.add(await _round(app, scene, 1))
            press.break_news()
            report.tally.add(await _round(app, scene, 2))
            await app.parts.in_store(_look, app, press, report)
            return report


async def _round(app: App, scene: Scene, number: int) -> Tally:
    """Gather from every source, then deliver, exactly as `monitor once --all`."""
    scene.begin(number, len(app.settings.sources))
    tally = await app.gather(everything=True)
    scene.end()
    await app.release()
    tally.add(await app.deliver())
    return tally


def _look(app: App, press: Press, report: Report) -> None:
    """Fill the report from the store: what is there is what happened. Runs in the store's thread."""
    sent = (each for each in app.store.outbox.list() if each.state is not DeliveryState.DROPPED)
    report.deliveries = sorted(sent, key=lambda delivery: delivery.created_at)
    report.states = {state.source_id: state for state in app.store.sources.all()}
    printed = list(_printed(app, press.outlets, press.environ))
    report.traps = [_trap(each) for each in printed if each.piece.tempts]
    case = [each for each in printed if "dgsn-officials" in each.matched]
    report.reports, report.outlets = len(case), len({each.outlet.id for each in case})
    report.languages = len({each.outlet.language for each in case})
    report.stories = len({each.known.story_id for each in case})
    report.backlog = {w: e.piece.title for e in printed if e.known.article.backlog for w in sorted(e.matched)}
    report.sidebar = next((_sidebar(each, press) for each in case if each.outlet.id == "gazette"), None)


def _printed(app: App, outlets: tuple[Outlet, ...], environ: Mapping[str, str]) -> Iterator[_Printed]:
    for outlet in outlets:
        for piece in outlet.pieces:
            known = app.store.articles.by_url_key(url_key(f"{environ[outlet.id.upper()]}/{piece.slug}"))
            if known:
                matches = app.store.articles.matches(known.id)
                yield _Printed(outlet, piece, known, frozenset(match.watchlist for match in matches))


def _trap(printed: _Printed) -> Trap:
    piece = printed.piece
    watchlist = piece.tempts or ""
    return Trap(printed.outlet.name, piece.title, watchlist, piece.because, watchlist in printed.matched)


def _sidebar(printed: _Printed, press: Press) -> Sidebar:
    headline = printed.outlet.related[0]
    document = press.document(printed.outlet, f"/{printed.piece.slug}", press.environ["GAZETTE"])
    page = document[1].decode() if document else ""
    return Sidebar(
        headline, "Qatar Africa Business Forum" in page, "Business Forum" in printed.known.article.body
    )
