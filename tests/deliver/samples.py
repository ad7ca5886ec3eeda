"""Alerts to look at and to test with: invented articles around a real public event, in French and in Arabic."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Hit,
    Match,
    Recipient,
    Severity,
)
from tests.build import make_article

NOW = datetime(2026, 4, 21, 12, 10, tzinfo=UTC)

FRENCH = make_article(
    title="Doha : Abdellatif Hammouchi reçu par le chef de la Sûreté de l’État du Qatar",
    body=(
        "Le directeur général de la Sûreté nationale et de la Surveillance du territoire, Abdellatif Hammouchi, s’est "
        "rendu lundi à Doha pour une visite de travail de deux jours.\n"
        "Selon le communiqué du pôle DGSN-DGST, les deux responsables ont passé en revue l’échange de renseignements, la "
        "formation des cadres et la sécurité des grands rendez-vous sportifs. Une feuille de route commune doit être "
        "arrêtée avant l’été.\n"
        "À Rabat, on souligne que la coopération entre le Maroc et le Qatar s’étend désormais à la lutte contre la "
        "cybercriminalité, un chantier que M. Hammouchi suit de près depuis deux ans."
    ),
    summary="Une visite de travail de deux jours, consacrée à la coopération sécuritaire.",
    url="https://quotidien.example.org/securite/hammouchi-doha",
    key="quotidien.example.org/securite/hammouchi-doha",
    source_id="quotidien",
    language="fr",
    published=datetime(2026, 4, 21, 12, 4, tzinfo=UTC),
)

ARABIC = make_article(
    title="الدوحة: عبد اللطيف حموشي يلتقي رئيس جهاز أمن الدولة القطري",
    body=(
        "وصل المدير العام للأمن الوطني ولمراقبة التراب الوطني عبد اللطيف حموشي إلى الدوحة في زيارة عمل تستغرق يومين.\n"
        "وذكر بلاغ لقطب المديرية العامة للأمن الوطني (DGSN) أن الجانبين بحثا تبادل المعلومات وتكوين الأطر وتأمين "
        "التظاهرات الرياضية الكبرى، واتفقا على خطة عمل مشتركة قبل حلول الصيف."
    ),
    url="https://jarida.example.org/2026/04/21/doha",
    key="jarida.example.org/2026/04/21/doha",
    source_id="jarida",
    language="ar",
    published=datetime(2026, 4, 21, 11, 40, tzinfo=UTC),
)


def hits_of(article: Article, *terms: str, term: str = "") -> tuple[Hit, ...]:
    """Every place of each wording in title and body, as a match would state them."""
    return tuple(
        Hit(term or wording, wording.casefold(), field, start, start + len(wording), wording)
        for wording in terms
        for field, text in (("title", article.title), ("body", article.body))
        for start in _places(text, wording)
    )


def _places(text: str, wording: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(wording), text)]


def make_alert(article: Article = FRENCH, **fields: Any) -> Alert:
    """The security desk's alert on an article; by default on the French one."""
    matches = _arabic_matches() if article is ARABIC else _french_matches(article)
    base: dict[str, Any] = {
        "recipient": "security-desk",
        "severity": Severity.HIGH,
        "watchlists": ("dgsn-officials", "qatar-morocco-cooperation"),
        "titles": ("DGSN et DGST", "Coopération Qatar – Maroc"),
        "article": article,
        "source_name": "Le Quotidien" if article is not ARABIC else "الجريدة",
        "matches": matches,
        "channels": ("mail",),
    }
    return Alert(**{**base, **fields})


def _french_matches(article: Article) -> tuple[Match, ...]:
    officials = hits_of(article, "Abdellatif Hammouchi", "M. Hammouchi", term="entity:hammouchi")
    return (
        Match("dgsn-officials", (*officials, *hits_of(article, "DGSN", "DGST"))),
        Match("qatar-morocco-cooperation", hits_of(article, "coopération", "Qatar", "Maroc")),
    )


def _arabic_matches() -> tuple[Match, ...]:
    officials = hits_of(ARABIC, "عبد اللطيف حموشي", term="entity:hammouchi")
    return (
        Match("dgsn-officials", (*officials, *hits_of(ARABIC, "DGSN"))),
        Match("qatar-morocco-cooperation", hits_of(ARABIC, "الدوحة", "القطري")),
    )


def make_delivery(alert: Alert | None = None, **fields: Any) -> Delivery:
    base: dict[str, Any] = {
        "id": "0f0e4c1e-6f6a-4bb4-9f0e-5a2f2d1c7a10",
        "recipient": "security-desk",
        "channel": "mail",
        "alert": alert or make_alert(),
        "story": 7,
        "edition": 0,
        "state": DeliveryState.LEASED,
        "created_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 1,
        "lease_token": 1,
    }
    return Delivery(**{**base, **fields})


def make_desk(language: str = "fr", timezone: str = "Africa/Casablanca") -> Recipient:
    channel = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
    name = {"fr": "Bureau sécurité", "ar": "مكتب الأمن", "es": "Mesa de seguridad"}.get(
        language, "Security desk"
    )
    return Recipient("security-desk", name, language, timezone, (channel,))


HOSTILE = (
    "{{7*7}} ${7*7} %s <script>alert(1)</script> @everyone <!channel> [prix](https://evil.example.com) "
    "\u202egpj.exe 👩‍👩‍👧‍👦 &amp; \x1b[31m\r\nBcc: thief@example.org\r\n\r\n=cmd|' /C calc'!A0"
)
# As it may be shown: literal, on one line, without the characters that steer.
HOSTILE_SHOWN = (
    "{{7*7}} ${7*7} %s <script>alert(1)</script> @everyone <!channel> [prix](https://evil.example.com) "
    "gpj.exe 👩‍👩‍👧‍👦 &amp; [31m Bcc: thief@example.org =cmd|' /C calc'!A0"
)


def make_hostile() -> Delivery:
    """An alert whose every text was written by somebody unkind."""
    article = make_article(HOSTILE, HOSTILE * 3, summary=HOSTILE, language="fr", authors=(HOSTILE,))
    matches = (Match("dgsn-officials", hits_of(article, "<script>", term=HOSTILE)),)
    alert = make_alert(
        article, matches=matches, source_name=HOSTILE, watchlists=("dgsn-officials",), titles=(HOSTILE,)
    )
    return make_delivery(alert)
