"""What a sound configuration becomes."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import EXIT_CONFIG, ConfigurationError
from monitor.model import (
    DAYS,
    BackupPolicy,
    Channel,
    ChannelKind,
    DigestPlan,
    EmailServer,
    Entity,
    FetchPolicy,
    PollingPolicy,
    QuietHours,
    Recipient,
    RetentionPolicy,
    Route,
    Severity,
    Source,
    SourceKind,
    Watchlist,
    WebPolicy,
    Where,
)
from monitor.settings import find_directory, load
from tests.conftest import ROOT
from tests.settings.conftest import Folder

RECIPIENTS = "recipients:\n  - {id: desk, channels: [{id: screen, console: true}]}\n"


def test_an_empty_folder_is_a_configuration_of_defaults(folder: Folder) -> None:
    settings = folder.load()
    assert settings.database == "sqlite:///var/monitor.db"
    assert settings.fetch == FetchPolicy()
    assert settings.polling == PollingPolicy()
    assert settings.retention == RetentionPolicy()
    assert settings.web == WebPolicy()
    assert (settings.email, settings.sources, settings.watchlists) == (None, (), ())


def test_the_service_is_read_with_all_its_keys(folder: Folder) -> None:
    folder.write(
        "monitor.yaml",
        """
database: postgresql://monitor@127.0.0.1/monitor
fetch: {user_agent: "bot (+https://example.org/bot)", deadline: 30s, per_host: 3, max_bytes: 5MB, allow_private: true, ports: [8080]}
polling: {every: adaptive, min: 5m, max: 2h}
retention: {articles: 30d, ledger: 7d}
backup: {folder: /srv/b, keep: 3, warn_after: 12h}
web: {listen: "[::1]:9000", public_url: "https://monitor.example.org"}
email: {server: "smtp://user%40example.org@mail.example.org:2525", password: "${MAIL}", from: "Monitor <monitor@example.org>"}
""",
    )
    settings = folder.load({"MAIL": "s3cret"})
    assert settings.database == "postgresql://monitor@127.0.0.1/monitor"
    assert settings.fetch == FetchPolicy(
        "bot (+https://example.org/bot)", timedelta(seconds=30), 3, 5_000_000, True, (8080,)
    )
    assert settings.polling == PollingPolicy(None, timedelta(minutes=5), timedelta(hours=2))
    assert settings.retention == RetentionPolicy(timedelta(days=30), timedelta(days=7))
    assert settings.backup == BackupPolicy("/srv/b", 3, timedelta(hours=12))
    assert settings.web == WebPolicy("[::1]:9000", "https://monitor.example.org")
    assert settings.email == EmailServer(
        "mail.example.org",
        2525,
        "Monitor <monitor@example.org>",
        "starttls",
        "user@example.org",
        "s3cret",
    )


# address -> host, port, security
SERVERS = {
    "smtps://user@mail.example.org": ("mail.example.org", 465, "tls"),
    "smtp://user@mail.example.org": ("mail.example.org", 587, "starttls"),
    # loopback alone may go without encryption
    "smtp://127.0.0.1:1025": ("127.0.0.1", 1025, "none"),
    "smtp://localhost": ("localhost", 25, "none"),
    "smtp://[::1]:25": ("::1", 25, "none"),
}


@pytest.mark.parametrize("address", SERVERS)
def test_a_mail_servers_scheme_decides_about_encryption(address: str, folder: Folder) -> None:
    folder.write("monitor.yaml", f"email: {{server: '{address}', from: a@example.org}}\n")
    email = folder.load().email
    assert email is not None
    assert (email.host, email.port, email.security) == SERVERS[address]


def test_a_source_is_read_with_all_its_keys(folder: Folder) -> None:
    folder.write(
        "sources/gulf.yaml",
        """
sources:
  - id: gulf-times
    name: Gulf Times
    kind: news-sitemap
    url: https://www.example.com/sitemap.xml
    country: QA
    language: en
    tier: 1
    tags: [national]
    full_text: true
    every: 10m
    backfill: true
  - {id: plain, url: "https://plain.example.org/feed"}
""",
    )
    full, plain = folder.load().sources
    assert full == Source(
        id="gulf-times",
        url="https://www.example.com/sitemap.xml",
        name="Gulf Times",
        kind=SourceKind.NEWS_SITEMAP,
        country="QA",
        language="en",
        tier=1,
        tags=("national",),
        full_text=True,
        every=timedelta(minutes=10),
        backfill=True,
    )
    assert plain == Source(id="plain", url="https://plain.example.org/feed", name="plain")


def test_a_sources_own_adaptive_outweighs_the_services_interval(folder: Folder) -> None:
    folder.write("monitor.yaml", "polling: {every: 30m}\n")
    folder.write(
        "sources/a.yaml",
        """
sources:
  - {id: silent, url: "https://a.example.org/"}
  - {id: own, url: "https://b.example.org/", every: 5m}
  - {id: adaptive, url: "https://c.example.org/", every: adaptive}
""",
    )
    assert [source.every for source in folder.load().sources] == [
        timedelta(minutes=30),
        timedelta(minutes=5),
        None,
    ]


def test_an_entity_is_read_with_all_its_keys(folder: Folder) -> None:
    folder.write(
        "entities/people.yaml",
        """
entities:
  - id: hammouchi
    kind: person
    name: Abdellatif Hammouchi
    names: [عبد اللطيف الحموشي, Hammouchi]
    variants: auto
    not: [Leila Hammouchi, حموني]
    within: [police, أمن]
""",
    )
    assert folder.load().entities == (
        Entity(
            "hammouchi",
            "Abdellatif Hammouchi",
            "person",
            ("عبد اللطيف الحموشي", "Hammouchi"),
            ("Leila Hammouchi", "حموني"),
            ("police", "أمن"),
            True,
        ),
    )


def test_a_watchlists_items_become_the_query_language(folder: Folder) -> None:
    folder.write("entities/e.yaml", "entities: [{id: dgsn, name: DGSN}, {id: qatar, name: Qatar}]\n")
    folder.write("recipients.yaml", RECIPIENTS)
    folder.write(
        "watchlists/w.yaml",
        """
watchlists:
  - id: officials
    title: Officials
    severity: critical
    any:
      - entity: dgsn
      - Directeur général de la Sûreté nationale
      - query: SENTENCE(entity:qatar, visite)
    all: [{near: {within: 3, of: [{entity: qatar}, Doha | Lusail]}}]
    none:
      - near: {within: 12, of: [DGSN, "Algérie | Alger | الجزائر"]}
    where: {languages: [fr, ar], countries: [MA], tags: [national]}
    notify: [desk]
    tags: [security]
  - id: second
    query: |
      paix AND @officials
""",
    )
    first, second = folder.load().watchlists
    assert first == Watchlist(
        id="officials",
        title="Officials",
        severity=Severity.CRITICAL,
        any=(
            "entity:dgsn",
            "Directeur général de la Sûreté nationale",
            "SENTENCE(entity:qatar, visite)",
        ),
        all=("NEAR/3(entity:qatar, Doha | Lusail)",),
        none=("NEAR/12(DGSN, Algérie | Alger | الجزائر)",),
        where=Where(languages=("fr", "ar"), countries=("MA",), tags=("national",)),
        notify=("desk",),
        tags=("security",),
    )
    assert second == Watchlist(id="second", title="second", query="paix AND @officials\n")


def test_recipients_and_routes_are_read_with_all_their_keys(folder: Folder) -> None:
    folder.write("monitor.yaml", "email: {server: 'smtp://127.0.0.1:25', from: a@example.org}\n")
    folder.write("watchlists/w.yaml", "watchlists: [{id: w, any: [paix]}]\n")
    folder.write(
        "recipients.yaml",
        """
recipients:
  - id: security-desk
    name: Security desk
    language: fr
    timezone: Africa/Casablanca
    channels:
      - {id: mail, email: desk@example.org}
      - {id: chat, apprise: "${CHAT}"}
      - {id: hook, webhook: https://example.org/in, secret: "${HOOK}"}
      - {id: screen, console: true}
      - {id: out, file: var/alerts}
routes:
  - match: {severity: [high, critical], watchlists: [w], tags: [economy]}
    to: [security-desk]
    continue: true
  - to: [security-desk]
""",
    )
    settings = folder.load({"CHAT": "json://127.0.0.1", "HOOK": "key"})
    assert settings.recipients == (
        Recipient(
            "security-desk",
            "Security desk",
            "fr",
            "Africa/Casablanca",
            (
                Channel("mail", ChannelKind.EMAIL, "desk@example.org"),
                Channel("chat", ChannelKind.APPRISE, "json://127.0.0.1"),
                Channel("hook", ChannelKind.WEBHOOK, "https://example.org/in", "key"),
                Channel("screen", ChannelKind.CONSOLE),
                Channel("out", ChannelKind.FILE, "var/alerts"),
            ),
        ),
    )
    assert settings.routes == (
        Route(("security-desk",), (Severity.HIGH, Severity.CRITICAL), ("w",), ("economy",), True),
        Route(("security-desk",)),
    )


def test_a_route_has_what_it_states_and_what_the_routes_above_it_state(folder: Folder) -> None:
    folder.write(
        "recipients.yaml",
        """
recipients:
  - {id: desk, working_days: [sun, mon], channels: [{id: screen, console: true}]}
  - {id: head, channels: [{id: screen, console: true}]}
routes:
  - match: {tags: [economy]}
    to: [desk]
    continue: true
    group_wait: 2m
    group_interval: 1h
    digest: {at: ["17:00", 07:30], days: [fri, mon], empty: true}
    quiet_hours: {from: "21:00", to: "06:30"}
    escalate_after: 15m
    escalate_to: [head]
    routes:
      - match: {severity: [critical]}
        group_wait: 0s
        digest: none
        routes:
          - to: [head]
            quiet_hours: none
            escalate_after: none
      - digest: {at: ["12:00"]}
  - routes:
      - to: [head]
""",
    )
    settings = folder.load()
    hour, night = timedelta(hours=1), QuietHours(time(21), time(6, 30), Severity.CRITICAL)
    escalation: dict[str, Any] = {"escalate_after": timedelta(minutes=15), "escalate_to": ("head",)}
    two = timedelta(minutes=2)
    urgent = Route(
        ("desk",),
        (Severity.CRITICAL,),
        group_interval=hour,
        quiet_hours=night,
        **escalation,
        children=(Route(("head",), group_interval=hour),),
    )
    noon = Route(
        ("desk",),
        group_wait=two,
        group_interval=hour,
        digest=DigestPlan((time(12),)),
        quiet_hours=night,
        **escalation,
    )
    economy = Route(
        ("desk",),
        tags=("economy",),
        go_on=True,
        group_wait=two,
        group_interval=hour,
        digest=DigestPlan((time(7, 30), time(17)), ("mon", "fri"), empty=True),
        quiet_hours=night,
        **escalation,
        children=(urgent, noon),
    )
    assert settings.routes == (economy, Route((), children=(Route(("head",)),)))
    assert [one.working_days for one in settings.recipients] == [("mon", "sun"), DAYS]
    file = str(folder.path / "recipients.yaml")
    inner = settings.routes[0].children[0].children[0]
    assert (settings.routes[0].place, inner.place) == ((file, 6, 5), (file, 20, 13))


def test_files_of_a_folder_are_read_in_lexical_order(folder: Folder) -> None:
    for name in ("20-b", "10-c", "30-a"):
        folder.write(
            f"sources/{name}.yaml", f"sources: [{{id: s{name}, url: 'https://{name}.example.org/'}}]\n"
        )
    assert [source.id for source in folder.load().sources] == ["s10-c", "s20-b", "s30-a"]


def test_what_is_no_yaml_of_ours_is_left_alone(folder: Folder) -> None:
    for name in (
        "README.md",
        "smtp.key",
        "schema/monitor.json",
        "sources/.draft.yaml",
        "sources/a.yaml~",
        "x/y.txt",
    ):
        folder.write(name, "{{{ no yaml")
    assert folder.load().sources == ()


def test_all_mistakes_of_all_files_come_at_once_sorted_by_file_and_place(folder: Folder) -> None:
    folder.write("monitor.yaml", "web: {listen: nowhere}\ndatabse: x\n")
    folder.write("sources/a.yaml", "sources: [{id: a}]\n")
    folder.write("watchlists/z.yaml", "watchlists: [\n")
    assert folder.mistakes() == [
        "monitor.yaml:1:15: listen: nowhere is not HOST:PORT, for example 127.0.0.1:8080",
        "monitor.yaml:2:1: databse: unknown key; did you mean database?",
        "sources/a.yaml:1:11: url is missing",
        "watchlists/z.yaml:2:1: the file ends inside a list or mapping: half written, or a bracket that is not closed?",
    ]


@pytest.mark.parametrize("name", ["absent", "file"])
def test_a_folder_that_is_none_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="with -c") as caught:
        load(tmp_path / name, {})
    assert caught.value.exit_code == EXIT_CONFIG


def test_the_folder_is_the_option_else_config_here_else_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_directory(None) == Path("/etc/monitor")
    (tmp_path / "config").mkdir()
    assert find_directory(None) == Path("config")
    assert find_directory("elsewhere") == Path("elsewhere")


def test_the_example_configuration_is_sound() -> None:
    settings = load(ROOT / "config", {})
    assert settings.sources
    assert {one.id for one in settings.watchlists} >= {"dgsn-officials", "business-forums"}
    heard = {recipient for watchlist in settings.watchlists for recipient in watchlist.notify}
    assert heard <= {recipient.id for recipient in settings.recipients}


def test_the_guides_examples_are_sound(folder: Folder) -> None:
    guide = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in guide.split("```yaml\n")[1:]]
    assert len(blocks) == 7
    for number, block in enumerate(blocks):
        kind = block.partition(":")[0]
        name = {"database": "monitor.yaml", "recipients": "recipients.yaml"}.get(
            kind, f"{kind}/guide-{number}.yaml"
        )
        folder.write(name, block)
    for name in ("smtp.key", "hook.key", "imap.key"):
        folder.write(name, "s3cret\n", mode=0o600)
    folder.write("slack_url", "slack://a/b/c\n", mode=0o600)
    settings = folder.load()
    assert [len(part) for part in (settings.sources, settings.entities, settings.watchlists)] == [6, 1, 1]
    assert len(settings.recipients[0].channels) == 5
