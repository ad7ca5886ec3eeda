"""Updates, corrections, digests and a spike, to look at and to test with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from monitor.model import (
    Alert,
    Article,
    Correction,
    Digest,
    Match,
    Receipt,
    Severity,
    Spike,
    SpikeAlert,
    Spread,
    Update,
)
from tests.build import make_article
from tests.deliver.samples import ARABIC, FRENCH, NOW, hits_of, make_alert

OUTLETS = (
    "Le Quotidien",
    "الجريدة",
    "Gazette du Port",
    "El Faro del Sur",
    "Courrier Atlas",
    "صوت الساحل",
    "The Herald",
)
STATE = Spread(OUTLETS, (("MAP", 5),), ("Le Quotidien",), 9, ("fr", "es", "ar"), 1)
RECEIPT = Receipt(41, ("La Lanterne",), ("أخبار المرفأ", "Le Phare"), 7.5)


def update_of(article: Article = FRENCH, **fields: Any) -> Alert:
    new = Update(("language", "reach"), ("صوت الساحل", "The Herald"), 7)
    return make_alert(article, **{"edition": 1, "update": new, "story_state": STATE, **fields})


def correction_of(article: Article, kind: Literal["headline", "removed"], **fields: Any) -> Alert:
    after = "Doha : M. Hammouchi en visite de travail" if kind == "headline" else ""
    told = Correction(kind, article.title, after, NOW + timedelta(minutes=40))
    return make_alert(article, **{"edition": 2, "correction": told, "story_state": STATE, **fields})


PORT = make_article(
    "La police du port s’équipe de vedettes solaires",
    "Six vedettes à panneaux solaires rejoignent la police du port de Tanger.\nElles serviront dès l’été.",
    key="port",
    url="https://gazette.example.org/port",
    language="fr",
    first_seen=NOW - timedelta(hours=3),
    published=NOW - timedelta(hours=3),
)
SOLAR = make_article(
    "Dos fondos del Golfo estudian una planta solar en Uarzazat",
    "Dos fondos del Golfo estudian invertir en una planta solar cerca de Uarzazat, según tres directivos.",
    key="solar",
    url="https://faro.example.org/solar",
    language="es",
    first_seen=NOW - timedelta(hours=5),
    published=NOW - timedelta(hours=5),
)


def _plain(article: Article, watchlist: str, title: str, word: str, severity: Severity, outlet: str) -> Alert:
    return make_alert(
        article,
        watchlists=(watchlist,),
        titles=(title,),
        matches=(Match(watchlist, hits_of(article, word)),),
        severity=severity,
        source_name=outlet,
    )


ALERTS = (
    make_alert(FRENCH, severity=Severity.CRITICAL, story_state=STATE),
    correction_of(ARABIC, "headline", edition=0, story_state=None),
    _plain(PORT, "police", "Police & ports", "police", Severity.HIGH, "Gazette du Port"),
    _plain(SOLAR, "energy", "Énergie solaire", "planta solar", Severity.NORMAL, "El Faro del Sur"),
)
SLOT = "2026-04-21 17:00 Africa/Casablanca"
SINCE = datetime(2026, 4, 21, 6, 30, tzinfo=UTC)


def many(count: int) -> Digest:
    """So many stories, in French and Arabic by turns."""
    made = []
    for n in range(1, count + 1):
        base = FRENCH if n % 2 else ARABIC
        article = replace(
            base, title=f"{n} · {base.title}", key=f"k/{n}", url=f"https://quotidien.example.org/{n}"
        )
        made.append(make_alert(article, matches=make_alert(base).matches, story_state=STATE))
    return Digest("security-desk", SLOT, "digest", tuple(made), RECEIPT, SINCE, tuple(range(1, count + 1)))


DIGESTS = {
    "digest": Digest("security-desk", SLOT, "digest", ALERTS, RECEIPT, SINCE, (41, 42, 43, 44)),
    "catch-up": Digest(
        "security-desk", "2026-04-22 06:30 Africa/Casablanca", "catch-up", ALERTS[:2], stories=(41, 42)
    ),
    "empty": Digest("security-desk", SLOT, "digest", (), RECEIPT, SINCE),
    "long": many(300),
}

SPIKE = SpikeAlert(
    recipient="security-desk",
    title="DGSN et DGST",
    severity=Severity.HIGH,
    spike=Spike(
        watchlist="dgsn-officials",
        began=datetime(2026, 4, 21, 10, tzinfo=UTC),
        at=datetime(2026, 4, 21, 12, tzinfo=UTC),
        since=datetime(2026, 4, 21, 10, tzinfo=UTC),
        count=23,
        expected=3.57,
        chance=3.1e-12,
        days=14,
        lasts=True,
        hours=(0, 0, 1, 0, 0, 0, 0, 1, 2, 1, 0, 2, 1, 1, 0, 1, 0, 0, 1, 2, 1, 5, 8, 10),
        usual=(
            0.1,
            0.0,
            0.1,
            0.1,
            0.1,
            0.2,
            0.5,
            0.9,
            1.2,
            1.4,
            1.2,
            1.1,
            1.0,
            1.1,
            1.2,
            1.0,
            0.9,
            0.8,
            0.7,
            0.9,
            1.1,
            1.2,
            1.2,
            1.1,
        ),
    ),
    channels=("mail",),
)
