"""What the demo's terminal shows: a progress bar while reading, then what came of it. Called by `monitor demo`.

Rich leaves out colours where NO_COLOR is set or nobody watches; nothing here decides anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from monitor.demo.stage import Report
from monitor.model import Alert, Health
from monitor.parts import Tally

TITLES = {1: "Round 1, the morning's press: a baseline, nobody is alerted", 2: "Round 2, the news breaks"}
DESKS = ("security-desk", "diplomacy-desk", "economy-desk", "forum-desk")


class Silent:
    """A scene without an audience, for `-o json`."""

    def begin(self, round: int, sources: int) -> None: ...

    def told(self, name: str, tally: Tally) -> None: ...

    def end(self) -> None: ...


class Screen:
    """A scene on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def begin(self, round: int, sources: int) -> None:
        self._console.rule(Text(TITLES[round], "bold"), align="left")
        bar = BarColumn(bar_width=24)
        self._progress = Progress(
            TextColumn("reading"),
            bar,
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=self._console,
        )
        self._progress.start()
        self._task = self._progress.add_task("", total=sources)

    def told(self, name: str, tally: Tally) -> None:
        if self._progress is None:
            return  # a channel was served; its alert speaks for itself
        self._progress.console.print(_line(name, tally))
        self._progress.update(self._task, advance=1, description=name)

    def end(self) -> None:
        if self._progress:
            self._progress.update(self._task, description="")
            self._progress.stop()
        self._progress = None


def _line(name: str, tally: Tally) -> Text:
    """One source: how many items, how many new, or what is wrong with it."""
    if tally.failed:
        return Text.assemble(
            "  ✗ ", (f"{name:16}", "bold"), " ", "; ".join(what for _, what in tally.problems), style="red"
        )
    counts = f"{tally.items:3} items, {tally.articles_new:2} new"
    found = f", {count(tally.matches, 'match', 'matches')}" if tally.matches else ""
    return Text.assemble(("  ✓ ", "green"), (f"{name:16}", "bold"), f" {counts}{found}")


def count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def finale(console: Console, report: Report, seconds: float) -> None:
    """The end of the demo: who heard, who did not and why, what was survived, where the files are."""
    console.rule(Text("What came of it", "bold"), align="left")
    parts: list[RenderableType] = [
        _desks(report),
        _silences(report),
        _survived(report),
        *_words(report, seconds),
    ]
    for part in parts:
        console.print(Padding(part, (0, 0, 1, 2)))


def _desks(report: Report) -> Table:
    table = _table("Who was told")
    table.add_column(no_wrap=True, min_width=max(map(len, DESKS)))
    table.add_column(no_wrap=True, min_width=8, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for desk in DESKS:
        titles = {
            d.story: d.alert.article.title
            for d in report.deliveries
            if d.recipient == desk and isinstance(d.alert, Alert)
        }
        first, *others = titles.values() or ["nothing"]
        table.add_row(desk, count(len(titles), "alert"), Text(first))
        for title in others:
            table.add_row("", "", Text(title))
    return table


def _event(report: Report) -> str:
    """What became of the first case's reports."""
    spread = f"{report.reports} articles at {report.outlets} outlets in {report.languages} languages"
    if report.stories == 1:
        return f"One event, {spread}: reprints and translations joined one story, and whom it concerns heard of it once."
    return f"One event, {spread}: {report.stories} stories. `monitor stories merge` puts together what belongs together."


def _silences(report: Report) -> Table:
    table = _table("Who was left in peace, though a coarser search would have called")
    for ratio in (5, 4):
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=ratio)
    for trap in report.traps:
        mark = Text("✗", "red") if trap.caught else Text("✓", "green")
        table.add_row(Text.assemble(mark, " ", trap.because), Text(trap.title, "dim"))
    return table


def _survived(report: Report) -> Table:
    table = _table("What was survived")
    for _ in range(3):
        table.add_column(overflow="fold")
    for id, state in report.states.items():
        if state.health not in (Health.OK, Health.NEW):
            table.add_row(Text(id), Text(state.health.value, "red"), Text(state.message))
    return table


def _table(title: str) -> Table:
    return Table(title=Text(title, "bold"), title_justify="left", box=None, pad_edge=False, show_header=False)


def _words(report: Report, seconds: float) -> Iterator[Text]:
    sidebar = report.sidebar
    if sidebar and sidebar.in_page and not sidebar.in_article:
        yield Text(
            f"The forum desk heard nothing: «{sidebar.headline}» stands in the sidebar of the first case's page, "
            "outside the article. The morning's own report on that forum did match; as the backlog of a source "
            "read for the first time it alerted nobody."
        )
    yield Text(_event(report))
    alerts = report.out / "alerts"
    kinds = Counter(path.suffix for path in alerts.glob("*"))
    files = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield Text(f"Alerts as files ({files}): {alerts}")
    tally = report.tally
    yield Text(
        f"{tally.fetched} documents read, {tally.failed} failures borne, {tally.articles_new} articles, "
        f"{tally.matches} matches, {tally.alerts} alerts, {tally.delivered} deliveries in {seconds:.1f} s",
        "bold",
    )
