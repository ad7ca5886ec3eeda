"""What the demo's terminal shows: a progress bar while reading, then what came of it. Called by `monitor demo`.

Rich leaves out colours where NO_COLOR is set or nobody watches; nothing here decides anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from monitor.demo.stage import Report
from monitor.model import Health
from monitor.pipeline import Tally

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
    found = f", {tally.matches} matches" if tally.matches else ""
    return Text.assemble(("  ✓ ", "green"), (f"{name:16}", "bold"), f" {counts}{found}")


def finale(console: Console, report: Report, seconds: float) -> None:
    """The end of the demo: who heard, who did not and why, what was survived, where the files are."""
    console.rule(Text("What came of it", "bold"), align="left")
    for part in (_desks(report), _silences(report), _survived(report)):
        console.print(Padding(part, (0, 0, 1, 2)))
    console.print(Padding(Text("\n").join(_words(report, seconds)), (0, 0, 1, 2)))


def _desks(report: Report) -> Table:
    table = Table(title="Who was told", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in ("desk", "alerts", "of"):
        table.add_column(column, overflow="fold")
    for desk in DESKS:
        stories = {d.story: d.alert.article.title for d in report.deliveries if d.recipient == desk}
        table.add_row(Text(desk), Text(str(len(stories))), Text("\n".join(stories.values()) or "nothing"))
    return table


def _silences(report: Report) -> Table:
    table = Table(
        title="What kept still", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for column in ("", "watchlist", "article", "why it tempts"):
        table.add_column(column, overflow="fold")
    for trap in report.traps:
        mark = Text("✗ alerted", "red") if trap.caught else Text("✓", "green")
        table.add_row(mark, Text(trap.watchlist), Text(trap.title), Text(trap.because))
    return table


def _survived(report: Report) -> Table:
    table = Table(
        title="What was survived", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for column in ("source", "health", "what it says"):
        table.add_column(column, overflow="fold")
    for id, state in report.states.items():
        if state.health not in (Health.OK, Health.NEW):
            table.add_row(Text(id), Text(state.health.value), Text(state.message))
    return table


def _words(report: Report, seconds: float) -> Iterator[Text]:
    sidebar = report.sidebar
    if sidebar and sidebar.in_page and not sidebar.in_article:
        yield Text(
            f"The forum desk heard nothing: «{sidebar.headline}» stands in the sidebar of the first case's page,"
        )
        yield Text(
            "outside the article. The morning's own report on that forum matched, and as backlog alerted nobody."
        )
    yield Text(
        f"One event, {report.reports} articles: copies word for word joined, which leaves {report.stories} stories."
    )
    yield Text("Today a rewritten or translated report still opens a story of its own.")
    tally = report.tally
    kinds = Counter(path.suffix for path in sorted((report.out / "alerts").glob("*")))
    files = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield Text(
        f"Alerts as files: {report.out / 'alerts'} ({files}); open an .html in a browser, an .eml in a mail program."
    )
    yield Text(
        f"{tally.fetched} documents read, {tally.failed} failures borne, {tally.articles_new} articles, "
        f"{tally.matches} matches, {tally.alerts} alerts, {tally.delivered} deliveries in {seconds:.1f} s.",
        "bold",
    )
