"""The daemon's figures in Prometheus' text format, from a registry of our own. Asked by the `/metrics` route.

Counters grow from the app's own tally and start at 0 with the process; the gauges are read from the store when asked.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.despatch import Lane
from monitor.model import Health
from monitor.web.desk import Desk
from monitor.web.files import Files

MOST_ILL = 200  # sources, and channels, named one by one
# A tick claims what is due and starts it; it is done in milliseconds unless the disk is slow
BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Metrics(Collector):
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.registry = CollectorRegistry(auto_describe=False)
        self.ticks = Histogram(
            "monitor_loop_seconds",
            "How long a loop's tick took.",
            ["loop"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._outbox: Mapping[str, int] | None = None
        self._sources: Mapping[str, Health] | None = None
        self._ages: list[float] | None = None
        self._channels: Mapping[Lane, str] | None = None
        self._late: float | None = None
        self._files: Files | None = None
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    async def exposition(self) -> bytes:
        """All figures as they are now, in the text format 0.0.4."""
        self._outbox = await self.desk.outbox()
        up = self._outbox is not None
        self._sources = await self.desk.states() if up else None
        self._ages = await self.desk.success_ages() if up else None
        self._channels = await self.desk.channels() if up else None
        self._late = await self.desk.late() if up else None
        self._files = await self.desk.files()
        return generate_latest(self.registry)

    def describe(self) -> list[Metric]:
        # none: the registry must not ask the desk for names while it is being built
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._counters()
        yield from self._loops()
        yield from self._stored()
        yield from self._configured()
        if self._files is not None:
            yield from _of_files(self._files)
        build = GaugeMetricFamily(
            "monitor_build_info", "Always 1; its label tells the version.", labels=["version"]
        )
        yield _labelled(build, {__version__: 1})
        yield GaugeMetricFamily("monitor_process_id", "The process to signal.", value=os.getpid())

    def _counters(self) -> Iterator[Metric]:
        total = self.desk.app.total
        changed = total.sources - total.failed - total.not_modified
        polls = {"read": changed, "not_modified": total.not_modified, "failed": total.failed}
        yield _counter("monitor_polls", "Readings of sources, by what came of them.", "outcome", polls)
        for name, what, count in (
            ("items", "Items seen in feeds and sitemaps.", total.items),
            ("articles", "Articles stored for the first time.", total.articles_new),
            ("matches", "Matches of articles with watchlists.", total.matches),
            ("alerts", "Alerts decided.", total.alerts),
        ):
            yield CounterMetricFamily(f"monitor_{name}", what, value=count)
        outcomes = {"sent": total.delivered, "retry": total.retried, "gave_up": total.dead}
        yield _counter("monitor_deliveries", "Attempts to deliver, by outcome.", "outcome", outcomes)
        faults = {where: self.desk.faults[where] for where in ("loop", "work")}
        yield _counter("monitor_faults", "Faults of the program itself; each is in the log.", "where", faults)
        reloads = {outcome: self.desk.reloads[outcome] for outcome in ("ok", "refused")}
        yield _counter("monitor_reloads", "Reloads of the configuration, by outcome.", "outcome", reloads)

    def _configured(self) -> Iterator[Metric]:
        desk = self.desk
        loaded = "When the configuration in force was read."
        yield GaugeMetricFamily("monitor_config_loaded_timestamp_seconds", loaded, value=desk.loaded_at)
        refused = "1 when the last reload was refused: older rules are in force."
        yield GaugeMetricFamily("monitor_config_reload_refused", refused, value=int(desk.reload_refused))
        family = GaugeMetricFamily(
            "monitor_config_restart_needed",
            "Always 1, for each changed key that waits for a restart.",
            labels=["key"],
        )
        yield _labelled(family, dict.fromkeys(desk.needs_restart, 1))
        beats = {outcome: desk.heartbeats[outcome] for outcome in ("ok", "failed", "withheld")}
        yield _counter("monitor_heartbeats", "Signs of life to the configured address.", "outcome", beats)

    def _loops(self) -> Iterator[Metric]:
        last = GaugeMetricFamily(
            "monitor_loop_last_progress_timestamp_seconds", "When a loop last progressed.", labels=["loop"]
        )
        now = time.time()
        yield _labelled(last, {pulse.name: now - pulse.age for pulse in self.desk.pulses})
        in_flight = GaugeMetricFamily("monitor_in_flight", "What is being worked on now.", labels=["work"])
        app = self.desk.app
        yield _labelled(in_flight, {"reading": len(app.reading), "sending": len(app.sending)})

    def _stored(self) -> Iterator[Metric]:
        up = self._outbox is not None and self._sources is not None
        yield GaugeMetricFamily("monitor_store_up", "1 when the database answered just now.", value=int(up))
        if self._outbox is not None:
            family = GaugeMetricFamily("monitor_outbox", "Deliveries, by state.", labels=["state"])
            yield _labelled(family, self._outbox)
        if self._sources is not None:
            yield from self._health(self._sources)
        if self._late is not None:
            late = "For how long the delivery that is due the longest is due; 0 when none is."
            yield GaugeMetricFamily("monitor_outbox_late_seconds", late, value=self._late)
        if self._channels is not None:
            yield _ill_channels(self._channels)
        if self._ages:
            family = GaugeMetricFamily(
                "monitor_source_last_success_age_seconds", "Since a source was last read well.", labels=["of"]
            )
            ages = self._ages
            yield _labelled(family, {"newest": ages[0], "median": ages[len(ages) // 2], "oldest": ages[-1]})

    def _health(self, states: Mapping[str, Health]) -> Iterator[Metric]:
        counts = Counter(states.values())
        family = GaugeMetricFamily("monitor_sources", "Configured sources, by health.", labels=["health"])
        yield _labelled(family, {str(state): counts[state] for state in Health})
        family = GaugeMetricFamily(
            "monitor_source_health", "Always 1, for each source that is not well.", labels=["source", "state"]
        )
        ill = [(id, state) for id, state in states.items() if state not in (Health.OK, Health.NEW)]
        for id, state in ill[:MOST_ILL]:
            family.add_metric([id, str(state)], 1)
        yield family


def _ill_channels(channels: Mapping[Lane, str]) -> Metric:
    labels = ["recipient", "channel", "state"]
    family = GaugeMetricFamily(
        "monitor_channel_health", "Always 1, for each channel that is not well.", labels=labels
    )
    ill = [(lane, state) for lane, state in channels.items() if state != "ok"]
    for (recipient, channel), state in ill[:MOST_ILL]:
        family.add_metric([recipient, channel, state], 1)
    return family


def _of_files(files: Files) -> Iterator[Metric]:
    sizes = {"database": files.database, "journal": files.journal}
    family = GaugeMetricFamily("monitor_database_bytes", "Sizes of SQLite's files.", labels=["file"])
    yield _labelled(family, {name: size for name, size in sizes.items() if size is not None})
    free = "Free on the disk of the database."
    yield GaugeMetricFamily("monitor_disk_free_bytes", free, value=files.free)
    yield GaugeMetricFamily("monitor_disk_bytes", "The disk of the database.", value=files.disk)
    at = files.newest.taken_at.timestamp() if files.newest else None
    yield GaugeMetricFamily("monitor_backup_timestamp_seconds", "When the newest backup was made.", value=at)


def _counter(name: str, what: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, what, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _labelled(family: GaugeMetricFamily, values: Mapping[str, float]) -> Metric:
    for value, number in values.items():
        family.add_metric([value], number)
    return family
