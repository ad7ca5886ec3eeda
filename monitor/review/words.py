"""A review's own words in four languages, and its moments. Pure; called by every layout.

A new language is one more `Words` in the table; an unknown one reads English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from monitor.model import Severity
from monitor.review.values import Occasion, ReviewStory
from monitor.text import phrases
from monitor.text.answering import FootWords, foot_words_for
from monitor.text.phrases import Forms, phrases_for
from monitor.text.plain import NAME, one_line


@dataclass(frozen=True, slots=True)
class Words:
    language: str
    locale: str  # Babel's
    occasions: dict[Occasion, str]  # what a document is called
    left_out: str  # {n}, {where}: of a letter that had to be cut
    shortened: str  # {where}
    severity: dict[Severity, str]
    contents: str
    nothing: str
    untitled: str
    told_above: str
    stories: Forms
    first_seen: str
    importance: str
    also: str
    copied: str
    coverage: str
    read: str
    failed: str
    silent: str
    uncovered: str  # {hours}
    none: str
    columns: dict[str, str]
    comma: str = ", "
    colon: str = ": "
    rtl: bool = False

    @property
    def foot(self) -> FootWords:
        return foot_words_for(self.language)


_ENGLISH = Words(
    language="en",
    locale="en_GB",
    occasions=dict(zip(Occasion, ("Press review", "Digest", "While it was quiet"), strict=True)),
    left_out="{n} further stories are left out here so that this mail stays short; all of them: {where}",
    shortened="Some passages are left out here so that this mail stays short; all of them: {where}",
    severity=dict(zip(Severity, ("Low", "Normal", "High", "Critical"), strict=True)),
    contents="Contents",
    nothing="Nothing was found.",
    untitled="(untitled)",
    told_above="Told above",
    stories=("{n} story", "{n} stories"),
    first_seen="First seen",
    importance="Importance",
    also="Who carries it",
    copied="copy",
    coverage="What was read",
    read="Sources read",
    failed="Could not be read",
    silent="Silent against their own rhythm",
    uncovered="Hours in which a source was not read, all sources together",
    none="none",
    columns={
        "watchlists": "Watchlists",
        "severity": "Severity",
        "importance": "Importance",
        "title": "Title",
        "outlet": "Outlet",
        "language": "Language",
        "published": "Published",
        "first_seen": "First seen",
        "url": "Address",
        "outlets": "Outlets",
        "spread": "Spread",
        "passage": "Passage",
        "story": "Story",
    },
)

_FRENCH = Words(
    language="fr",
    locale="fr",
    occasions=dict(zip(Occasion, ("Revue de presse", "Synthèse", "Pendant vos heures calmes"), strict=True)),
    left_out="{n} autres sujets ne sont pas ici, pour que ce courriel reste court\N{NO-BREAK SPACE}; pour tous les lire\N{NO-BREAK SPACE}: {where}",
    shortened="Des passages ne sont pas ici, pour que ce courriel reste court\N{NO-BREAK SPACE}; pour tous les lire\N{NO-BREAK SPACE}: {where}",
    severity=dict(zip(Severity, ("Faible", "Normale", "Élevée", "Critique"), strict=True)),
    contents="Sommaire",
    nothing="Rien n’a été trouvé.",
    untitled="(sans titre)",
    told_above="Déjà traité plus haut",
    stories=("{n} sujet", "{n} sujets"),
    first_seen="Vu pour la première fois",
    importance="Importance",
    also="Qui en parle",
    copied="reprise",
    coverage="Ce qui a été lu",
    read="Sources lues",
    failed="Illisibles",
    silent="Silencieuses, contre leur rythme habituel",
    uncovered="Heures sans lecture d’une source, toutes sources réunies",
    none="aucune",
    columns={
        "watchlists": "Veilles",
        "severity": "Gravité",
        "importance": "Importance",
        "title": "Titre",
        "outlet": "Source",
        "language": "Langue",
        "published": "Publié",
        "first_seen": "Vu pour la première fois",
        "url": "Adresse",
        "outlets": "Médias",
        "spread": "Diffusion",
        "passage": "Passage",
        "story": "Sujet",
    },
    colon="\N{NO-BREAK SPACE}: ",
)

_SPANISH = Words(
    language="es",
    locale="es",
    occasions=dict(
        zip(Occasion, ("Resumen de prensa", "Síntesis", "Durante sus horas de silencio"), strict=True)
    ),
    left_out="Otros {n} temas no están aquí para que este correo sea breve; todos ellos: {where}",
    shortened="Algunos pasajes no están aquí para que este correo sea breve; todos ellos: {where}",
    severity=dict(zip(Severity, ("Baja", "Normal", "Alta", "Crítica"), strict=True)),
    contents="Sumario",
    nothing="No se encontró nada.",
    untitled="(sin título)",
    told_above="Ya tratado más arriba",
    stories=("{n} tema", "{n} temas"),
    first_seen="Visto por primera vez",
    importance="Importancia",
    also="Quién lo publica",
    copied="copia",
    coverage="Qué se leyó",
    read="Fuentes leídas",
    failed="No se pudieron leer",
    silent="En silencio, contra su ritmo habitual",
    uncovered="Horas sin lectura de una fuente, todas las fuentes sumadas",
    none="ninguna",
    columns={
        "watchlists": "Seguimientos",
        "severity": "Gravedad",
        "importance": "Importancia",
        "title": "Titular",
        "outlet": "Medio",
        "language": "Idioma",
        "published": "Publicado",
        "first_seen": "Visto por primera vez",
        "url": "Dirección",
        "outlets": "Medios",
        "spread": "Difusión",
        "passage": "Pasaje",
        "story": "Tema",
    },
)

_ARABIC = Words(
    language="ar",
    locale="ar",
    occasions=dict(zip(Occasion, ("قراءة في الصحف", "الموجز", "خلال ساعات الهدوء"), strict=True)),
    left_out="مواضيع أخرى عددها {n} غير واردة هنا كي تبقى الرسالة قصيرة؛ للاطلاع عليها كلها: {where}",
    shortened="حُذفت بعض المقتطفات كي تبقى الرسالة قصيرة؛ للاطلاع عليها كلها: {where}",
    severity=dict(zip(Severity, ("منخفضة", "عادية", "عالية", "حرجة"), strict=True)),
    contents="المحتويات",
    nothing="لم يُعثر على شيء.",
    untitled="(بلا عنوان)",
    told_above="ورد أعلاه",
    stories=("موضوع واحد", "عدد المواضيع: {n}"),
    first_seen="أول رصد",
    importance="الأهمية",
    also="من نشره",
    copied="نسخة",
    coverage="ما جرت قراءته",
    read="المصادر المقروءة",
    failed="تعذرت قراءتها",
    silent="صامتة على غير عادتها",
    uncovered="ساعات لم يُقرأ فيها مصدر، مجموع المصادر كلها",
    none="لا شيء",
    columns={
        "watchlists": "قوائم الرصد",
        "severity": "الدرجة",
        "importance": "الأهمية",
        "title": "العنوان",
        "outlet": "المصدر",
        "language": "اللغة",
        "published": "تاريخ النشر",
        "first_seen": "أول رصد",
        "url": "الرابط",
        "outlets": "المنابر",
        "spread": "الانتشار",
        "passage": "المقتطف",
        "story": "الموضوع",
    },
    comma="، ",
    rtl=True,
)

_LANGUAGES = {words.language: words for words in (_ENGLISH, _FRENCH, _SPANISH, _ARABIC)}
LANGUAGES = tuple(_LANGUAGES)


def words_for(language: str) -> Words:
    """By ISO 639-1 code, with or without a region; English where we do not speak it."""
    return _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)


def spread(story: ReviewStory, words: Words) -> str:
    agencies = [(one_line(name, NAME), n) for name, n in story.agencies]
    return phrases.spread(len(story.outlets), agencies, len(story.own), phrases_for(words.language))


def hours(number: float, words: Words) -> str:
    """As the language writes a fraction, in the digits that the rest of the document has: `7,5`."""
    return format_decimal(round(number, 1), locale="fr" if words.rtl else words.locale)


# --- moments ---------------------------------------------------------------------------------------------------------


def zone(timezone: str) -> tzinfo:
    """UTC for a name that no longer exists: what was ordered under it must still be printed."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def moment(at: datetime, timezone: str, words: Words) -> str:
    """`mar. 21 avr. 2026, 13:05`, by the clock of the zone; the document's head says which."""
    local = at.astimezone(zone(timezone))
    pattern = "EEEE d MMMM y" if words.rtl else "EEE d MMM y"
    return f"{format_date(local, pattern, locale=words.locale)}{words.comma}{local:%H:%M}"


def place(timezone: str, words: Words) -> str:
    """Whose clock it is, in the document's language."""
    there = zone(timezone)
    if there is UTC or "/" not in timezone or timezone.startswith("Etc/"):
        return "UTC" if there is UTC else timezone
    return get_timezone_location(there, locale=words.locale, return_city=False).strip() or timezone
