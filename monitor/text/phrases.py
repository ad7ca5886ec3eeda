"""What is said of a story in a reader's language: how far it has come, what is new in it, what its outlet changed. Pure.

Called by deliver and review, so that an alert, a digest and a press review say the same of one thing. A new language is one
more `Phrases`; an unknown one reads English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale

from monitor.model import Correction, Spread
from monitor.text.plain import NAME, one_line

HEADLINE = 200  # characters of a headline in a sentence
UNDETERMINED = "und"  # ISO 639-2: a text whose language nobody could tell

Forms = tuple[str, str]
"""For one, and for more: each may hold {n}."""


@dataclass(frozen=True, slots=True)
class Phrases:
    language: str
    outlets: Forms
    reprinting: Forms  # {n}, {agency}
    further: str  # {n}, {agency}: one more agency
    own: Forms
    now: Forms  # outlets, of an update
    first_in: str  # {language}
    leading: str  # an outlet of the first tier has it now
    severity: str  # {severity}, {watchlist}
    agency: str  # {names}
    new_outlets: str
    changed_from: str  # {before}, {after}
    removed: str  # {outlet}
    removed_was: str  # {before}
    seen: str  # {moment}
    escalated: str  # {name}
    comma: str = ", "
    rtl: bool = False


_ENGLISH = Phrases(
    language="en",
    outlets=("{n} outlet", "{n} outlets"),
    reprinting=("{n} of them reprinting {agency}", "{n} of them reprinting {agency}"),
    further="{n} {agency}",
    own=("{n} with a report of its own", "{n} with reports of their own"),
    now=("now {n} outlet", "now {n} outlets"),
    first_in="first in {language}",
    leading="now in the leading press",
    severity="severity now {severity} ({watchlist})",
    agency="agency: {names}",
    new_outlets="New",
    changed_from="Headline changed from “{before}” to “{after}”",
    removed="Removed by its outlet, {outlet}",
    removed_was="The article was “{before}”",
    seen="Seen {moment}",
    escalated="{name} has not acknowledged this alert; it comes to you now.",
)

_FRENCH = Phrases(
    language="fr",
    outlets=("{n} média", "{n} médias"),
    reprinting=("dont {n} reprend {agency}", "dont {n} reprennent {agency}"),
    further="{n} {agency}",
    own=("{n} avec son propre article", "{n} avec leurs propres articles"),
    now=("désormais {n} média", "désormais {n} médias"),
    first_in="pour la première fois en {language}",
    leading="désormais dans la grande presse",
    severity="gravité désormais {severity} ({watchlist})",
    agency="agence\N{NO-BREAK SPACE}: {names}",
    new_outlets="Nouveaux",
    changed_from="Titre changé de «\N{NO-BREAK SPACE}{before}\N{NO-BREAK SPACE}» en «\N{NO-BREAK SPACE}{after}\N{NO-BREAK SPACE}»",
    removed="Retiré par sa source, {outlet}",
    removed_was="L’article était «\N{NO-BREAK SPACE}{before}\N{NO-BREAK SPACE}»",
    seen="Vu {moment}",
    escalated="{name} n’a pas pris en compte cette alerte\N{NO-BREAK SPACE}; elle vous est transmise.",
)

_SPANISH = Phrases(
    language="es",
    outlets=("{n} medio", "{n} medios"),
    reprinting=("{n} reproduce {agency}", "{n} reproducen {agency}"),
    further="{n} {agency}",
    own=("{n} con información propia", "{n} con información propia"),
    now=("ya {n} medio", "ya {n} medios"),
    first_in="por primera vez en {language}",
    leading="ya en la gran prensa",
    severity="gravedad ahora {severity} ({watchlist})",
    agency="agencia: {names}",
    new_outlets="Nuevos",
    changed_from="Titular cambiado de «{before}» a «{after}»",
    removed="Retirado por su medio, {outlet}",
    removed_was="El artículo era «{before}»",
    seen="Visto {moment}",
    escalated="{name} no ha tomado nota de esta alerta; ahora le llega a usted.",
)

_ARABIC = Phrases(
    language="ar",
    outlets=("منبر واحد", "عدد المنابر: {n}"),
    reprinting=("منها واحد نقلاً عن {agency}", "منها {n} نقلاً عن {agency}"),
    further="{n} عن {agency}",
    own=("واحد بتقرير خاص به", "{n} بتقارير خاصة بها"),
    now=("منبر واحد حتى الآن", "عدد المنابر الآن: {n}"),
    first_in="لأول مرة باللغة {language}",
    leading="وصل إلى كبريات الصحف",
    severity="الدرجة الآن: {severity} ({watchlist})",
    agency="الوكالة: {names}",
    new_outlets="منابر جديدة",
    changed_from="تغيّر العنوان من «{before}» إلى «{after}»",
    removed="حذفه مصدره: {outlet}",
    removed_was="كان عنوان المقال «{before}»",
    seen="رُصد ذلك {moment}",
    escalated="لم يؤكد {name} الاطلاع على هذا التنبيه، لذا يصل إليك الآن.",
    comma="، ",
    rtl=True,
)

_LANGUAGES = {phrases.language: phrases for phrases in (_ENGLISH, _FRENCH, _SPANISH, _ARABIC)}


def phrases_for(language: str) -> Phrases:
    """By ISO 639-1 code, with or without a region; English where we do not speak it."""
    return _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)


def counted(forms: Forms, n: int, **names: str) -> str:
    return forms[n != 1].format(n=n, **names)


@cache
def language_name(code: str, language: str) -> str:
    """`fr` is "French" in English, "français" in French; the code itself where nobody has a name for it."""
    return str(Locale(language).languages.get(code.partition("-")[0].lower(), "")) or code


# --- how far a story has come ----------------------------------------------------------------------------------------


def spread(outlets: int, agencies: Sequence[tuple[str, int]], own: int, phrases: Phrases) -> str:
    """`12 outlets, 11 of them reprinting MAP, 1 with a report of its own`. Twelve reports are another fact than twelve copies."""
    parts = [counted(phrases.outlets, outlets)]
    for agency, n in agencies:
        first = len(parts) == 1
        form = counted(phrases.reprinting, n, agency=agency)
        parts.append(form if first else phrases.further.format(n=n, agency=agency))
    if agencies and own:
        parts.append(counted(phrases.own, own))
    return phrases.comma.join(parts)


def spread_of(state: Spread, phrases: Phrases) -> str:
    agencies = [(one_line(name, NAME), n) for name, n in state.agencies]
    return spread(len(state.outlets), agencies, len(state.own), phrases)


def news(reasons: Sequence[str], outlets: int, state: Spread | None, raised: str, phrases: Phrases) -> str:
    """An update in a line: `now 7 outlets, first in Arabic, agency: MAP`. `raised`: what the severity is now, and by
    which watchlist, where that is one of the `reasons`."""
    return phrases.comma.join(_news(reasons, outlets, state, raised, phrases))


def _news(
    reasons: Sequence[str], outlets: int, state: Spread | None, raised: str, phrases: Phrases
) -> Iterator[str]:
    if "severity" in reasons and raised:
        yield raised
    yield counted(phrases.now, outlets)
    known = [code for code in state.languages if code and code != UNDETERMINED] if state else []
    if "language" in reasons and known:
        yield phrases.first_in.format(language=language_name(known[-1], phrases.language))
    if "tier" in reasons:
        yield phrases.leading
    if state and state.agencies:
        names = phrases.comma.join(one_line(name, NAME) for name, _ in state.agencies)
        yield phrases.agency.format(names=names)


# --- what an outlet changed ------------------------------------------------------------------------------------------


def corrected(correction: Correction, outlet: str, phrases: Phrases) -> str:
    """`Headline changed from “A” to “B”`, or `Removed by its outlet, Le Phare`."""
    if correction.kind == "removed":
        return phrases.removed.format(outlet=one_line(outlet, NAME))
    before, after = (quoted(each, phrases) for each in (correction.before, correction.after))
    return phrases.changed_from.format(before=before, after=after)


def quoted(headline: str, phrases: Phrases) -> str:
    """With a mark of the sentence's own direction at both ends, so that quotation marks stay where they belong around a
    headline of the other one."""
    mark = "\N{RIGHT-TO-LEFT MARK}" if phrases.rtl else "\N{LEFT-TO-RIGHT MARK}"
    return f"{mark}{one_line(headline, HEADLINE)}{mark}"
