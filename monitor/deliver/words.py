"""The alert's own words, in the recipient's language, and how that language writes a moment. Pure.

Called by render. A new language is one more `Words` in the table; an unknown one reads English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, get_timezone_location

from monitor.model import Severity
from monitor.text.answering import FootWords, foot_words_for
from monitor.text.phrases import Forms


@dataclass(frozen=True, slots=True)
class Words:
    language: str
    locale: str  # Babel's
    severity: dict[Severity, str]
    untitled: str
    outlet: str
    published: str
    first_seen: str
    why: str
    fields: dict[str, str]
    comma: str
    read: str
    more_watchlists: str  # {n}
    update: str  # {n}
    spread: str  # how far a story has come
    carriers: str
    nothing: str  # of an empty digest
    more_stories: str  # {n}
    sources_read: Forms  # {n}: this and the next two, of a receipt in a line
    sources_failed: Forms
    sources_silent: Forms
    spike: str
    spike_times: str  # {n}
    spike_said: str  # {count}, {since}, {expected}, {days}
    spike_chance: str  # {n}
    spike_since: str
    spike_chart: str
    colon: str = ": "
    rtl: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if self.rtl else "ltr"

    @property
    def foot(self) -> FootWords:
        return foot_words_for(self.language)


_ENGLISH = Words(
    language="en",
    locale="en_GB",
    severity={
        Severity.LOW: "Low",
        Severity.NORMAL: "Normal",
        Severity.HIGH: "High",
        Severity.CRITICAL: "Critical",
    },
    untitled="(untitled)",
    outlet="Outlet",
    published="Published",
    first_seen="First seen",
    why="Why you receive this",
    fields={"title": "headline", "body": "text", "url": "address", "author": "author"},
    comma=", ",
    read="Read the article",
    more_watchlists="and {n} more watchlists",
    update="Update {n}",
    spread="Spread",
    carriers="Outlets",
    nothing="Nothing was found.",
    more_stories="and {n} more stories, in the letter",
    sources_read=("{n} source read", "{n} sources read"),
    sources_failed=("{n} could not be read", "{n} could not be read"),
    sources_silent=("{n} silent against its own rhythm", "{n} silent against their own rhythm"),
    spike="Unusual volume",
    spike_times="{n} times the usual",
    spike_said="{count} articles since {since}; {expected} are usual at these hours (mean of {days} days).",
    spike_chance="On an ordinary day so many would come less than once in {n} times.",
    spike_since="Began",
    spike_chart="Articles an hour over the last 24 hours; the line is what is usual.",
)

_FRENCH = Words(
    language="fr",
    locale="fr",
    severity={
        Severity.LOW: "Faible",
        Severity.NORMAL: "Normale",
        Severity.HIGH: "Élevée",
        Severity.CRITICAL: "Critique",
    },
    untitled="(sans titre)",
    outlet="Source",
    published="Publié",
    first_seen="Vu pour la première fois",
    why="Pourquoi vous recevez cette alerte",
    fields={"title": "titre", "body": "texte", "url": "adresse", "author": "auteur"},
    comma=", ",
    read="Lire l’article",
    more_watchlists="et {n} autres veilles",
    update="Mise à jour {n}",
    spread="Diffusion",
    carriers="Médias",
    nothing="Rien n’a été trouvé.",
    more_stories="et {n} autres sujets, dans la lettre",
    sources_read=("{n} source lue", "{n} sources lues"),
    sources_failed=("{n} illisible", "{n} illisibles"),
    sources_silent=("{n} silencieuse contre son rythme", "{n} silencieuses contre leur rythme"),
    spike="Volume inhabituel",
    spike_times="{n} fois l’habitude",
    spike_said="{count} articles depuis {since}\N{NO-BREAK SPACE}; {expected} sont habituels à ces heures (moyenne de {days} jours).",
    spike_chance="Un jour ordinaire, autant d’articles viendraient moins d’une fois sur {n}.",
    spike_since="Début",
    spike_chart="Articles par heure sur les dernières 24 heures\N{NO-BREAK SPACE}; la ligne est l’habitude.",
    colon="\N{NO-BREAK SPACE}: ",
)

_SPANISH = Words(
    language="es",
    locale="es",
    severity={
        Severity.LOW: "Baja",
        Severity.NORMAL: "Normal",
        Severity.HIGH: "Alta",
        Severity.CRITICAL: "Crítica",
    },
    untitled="(sin título)",
    outlet="Medio",
    published="Publicado",
    first_seen="Visto por primera vez",
    why="Por qué recibe esta alerta",
    fields={"title": "titular", "body": "texto", "url": "dirección", "author": "autor"},
    comma=", ",
    read="Leer el artículo",
    more_watchlists="y {n} seguimientos más",
    update="Actualización {n}",
    spread="Difusión",
    carriers="Medios",
    nothing="No se encontró nada.",
    more_stories="y {n} temas más, en la carta",
    sources_read=("{n} fuente leída", "{n} fuentes leídas"),
    sources_failed=("{n} ilegible", "{n} ilegibles"),
    sources_silent=("{n} en silencio contra su ritmo", "{n} en silencio contra su ritmo"),
    spike="Volumen inusual",
    spike_times="{n} veces lo habitual",
    spike_said="{count} artículos desde las {since}; lo habitual a estas horas es {expected} (media de {days} días).",
    spike_chance="Un día corriente vendrían tantos menos de una vez de cada {n}.",
    spike_since="Comienzo",
    spike_chart="Artículos por hora en las últimas 24 horas; la línea es lo habitual.",
)

_ARABIC = Words(
    language="ar",
    locale="ar",
    severity={
        Severity.LOW: "منخفضة",
        Severity.NORMAL: "عادية",
        Severity.HIGH: "عالية",
        Severity.CRITICAL: "حرجة",
    },
    untitled="(بلا عنوان)",
    outlet="المصدر",
    published="تاريخ النشر",
    first_seen="أول رصد",
    why="لماذا وصلك هذا التنبيه",
    fields={"title": "العنوان", "body": "النص", "url": "الرابط", "author": "الكاتب"},
    comma="، ",
    read="قراءة المقال",
    more_watchlists="وقوائم رصد أخرى عددها {n}",
    update="تحديث {n}",
    spread="الانتشار",
    carriers="المنابر",
    nothing="لم يُعثر على شيء.",
    more_stories="ومواضيع أخرى عددها {n} في الرسالة",
    sources_read=("المصادر المقروءة: {n}", "المصادر المقروءة: {n}"),
    sources_failed=("ما تعذرت قراءته: {n}", "ما تعذرت قراءته: {n}"),
    sources_silent=("الصامتة على غير عادتها: {n}", "الصامتة على غير عادتها: {n}"),
    spike="حجم غير معتاد",
    spike_times="{n} أضعاف المعتاد",
    spike_said="عدد المقالات منذ {since}: {count}؛ والمعتاد في هذه الساعات {expected} (متوسط {days} يوماً).",
    spike_chance="في يوم عادي لا يبلغ العدد هذا الحد إلا أقل من مرة في كل {n}.",
    spike_since="البداية",
    spike_chart="عدد المقالات في كل ساعة خلال الأربع والعشرين ساعة الأخيرة، والخط هو المعتاد.",
    rtl=True,
)

_LANGUAGES = {words.language: words for words in (_ENGLISH, _FRENCH, _SPANISH, _ARABIC)}


def words_for(language: str) -> Words:
    """By ISO 639-1 code, with or without a region (`fr`, `ar-MA`); English where we do not speak it."""
    return _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)


def moment(at: datetime, timezone: str, words: Words) -> str:
    """A moment as the recipient's clock shows it, with the place whose clock it is: `mardi 21 avril 2026, 13:05 · heure : Maroc`."""
    local = at.astimezone(_zone(timezone))
    day = format_date(local, "full", locale=words.locale)
    return f"{day}{words.comma}{local:%H:%M} · {_place(timezone, words)}"


def clock(at: datetime, timezone: str) -> str:
    """The time of day as the recipient's clock shows it."""
    return f"{at.astimezone(_zone(timezone)):%H:%M}"


def _zone(timezone: str) -> tzinfo:
    # The configuration refuses an unknown zone; a delivery recorded under an older one must still go out.
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _place(timezone: str, words: Words) -> str:
    zone = _zone(timezone)
    if zone is UTC or "/" not in timezone or timezone.startswith("Etc/"):
        return timezone if zone is not UTC else "UTC"
    return get_timezone_location(zone, locale=words.locale, return_city=False).strip() or timezone
