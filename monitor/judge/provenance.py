"""Who wrote it first: the wire agency that a text credits, and how a story spread over outlets.

`credit` is called by `traits` for each article, `spread` by the commands that show a story. Reads what is written; an
outlet that copies without a word is found as a copy, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex as re  # type: ignore[import-untyped]

from monitor.model import Article, Spread, StoryMember

# Name -> what texts call it, folded by hand: case matters for the short ones, an accent or hamza does not exist here.
AGENCIES = {
    "MAP": "MAP|Maghreb Arabe Presse|Agence marocaine de presse|و ?\\.? ?م ?\\.? ?ع|وكالة المغرب العربي للأنباء|لاماب",
    "AFP": "AFP|Agence France[- ]Presse|أ ?\\.? ?ف ?\\.? ?ب|فرانس برس",
    "Reuters": "Reuters|REUTERS|رويترز",
    "AP": "AP|Associated Press|أسوشيتد برس|أسوشييتد برس",
    "EFE": "EFE|Agencia EFE|إفي",
    "Europa Press": "Europa Press|EUROPA PRESS",
    "QNA": "QNA|Qatar News Agency|قنا|وكالة الأنباء القطرية",
    "SPA": "SPA|Saudi Press Agency|واس",
    "WAM": "WAM|وام|Emirates News Agency",
    "KUNA": "KUNA|كونا",
    "BNA": "BNA|بنا",
    "ONA": "ONA|العمانية",
    "APS": "APS|Algérie Presse Service|واج|وأج",
    "TAP": "TAP|Tunis Afrique Presse|وات",
    "MENA": "MENA|أ ?ش ?أ",
    "Anadolu": "Anadolu|Anadolu Agency|AA|الأناضول",
    "DPA": "dpa|DPA|د ?ب ?أ",
    "Xinhua": "Xinhua|شينخوا",
    "TASS": "TASS|تاس",
    "ANSA": "ANSA",
    "Bloomberg": "Bloomberg|بلومبرغ",
    "Sputnik": "Sputnik|سبوتنيك",
    "PTI": "PTI",
    "Bernama": "Bernama",
}
HEAD = 220  # characters of the body in which a dateline stands
TAIL = 120  # ... and a signature
_ANY = "|".join(f"(?P<a{number}>{forms})" for number, forms in enumerate(AGENCIES.values()))
_NAMES = tuple(AGENCIES)
_SEP = r"[\s,;:/|·\-–—()\[\]«»\"]"
_PATTERNS = {
    # the author's field says it: "AFP", "La Rédaction avec MAP"
    "byline": re.compile(
        rf"(?:^|{_SEP}|\b(?:avec|with|con|and|et|y)\s+)(?:{_ANY})(?=$|{_SEP})",
    ),
    # "(AFP)", "Rabat (MAP) -", "الدوحة - قنا", "RABAT, 3 mars (MAP)"
    "dateline": re.compile(
        rf"[(\[]\s*(?:{_ANY})\s*[)\]]|^[^.\n]{{0,60}}?[\s,/\-–—]+(?:{_ANY})\s*[:.\-–—/]|^(?:{_ANY})\s*[:\-–—/]",
        re.MULTILINE,
    ),
    # the last line: "LR/MAP", "(avec MAP)", "AFP", "Source: MAP"
    "signature": re.compile(
        rf"(?:^|[/(\[]|\b(?i:avec|with|con|source|fuente|المصدر)\b\s*:?\s*)(?:{_ANY})\s*[)\].]*\s*$",
        re.MULTILINE,
    ),
}
# the text itself: "selon l'AFP", "told Reuters", "a rapporté la MAP", "وفقا لوكالة رويترز"
_CREDIT = re.compile(
    r"(?:selon|d'après|rapporte|rapporté|rapportée par|according to|reported|told|según|informó|informa|"
    r"وفقا ل|نقلا عن|بحسب|حسب|ذكرت|أفادت|نقلت)"
    rf"\s+(?:l[’']agence\s+|la\s+|l[’']|the\s+|by\s+|par\s+|a\s+|وكالة\s+|لوكالة\s+)*(?:{_ANY})\b"
)


@dataclass(frozen=True, slots=True)
class Credit:
    """The agency that a text names as its own source, and where: byline, dateline, signature, credit. Both may be ''."""

    agency: str = ""
    how: str = ""


def credit(article: Article) -> Credit:
    """The strongest credit first. An agency's own site is no reprint: its byline says so too."""
    body = article.body or article.summary
    places = (
        ("byline", " ; ".join(article.authors)),
        ("dateline", body[:HEAD]),
        ("signature", body[-TAIL:]),
    )
    for how, text in places:
        if found := _PATTERNS[how].search(text):
            return Credit(_named(found), how)
    found = _CREDIT.search(body[: HEAD * 4])
    return Credit(_named(found), "credit") if found else Credit()


def _named(found: re.Match[str]) -> str:
    """Patterns repeat the agencies, so their groups are numbered through: the n-th repetition of one is that one."""
    return _NAMES[next(int(name[1:].partition("_")[0]) for name, text in found.groupdict().items() if text)]


# --- a story's spread ------------------------------------------------------------------------------------------------


def sentence(spread: Spread) -> str:
    """ "12 outlets, 11 of them reprinting MAP" """
    count = len(spread.outlets)
    parts = [f"{count} outlet{'s' if count != 1 else ''}"]
    for agency, number in spread.agencies:
        parts.append(f"{number} of them reprinting {agency}" if len(parts) == 1 else f"{number} {agency}")
    if spread.agencies and spread.own:
        parts.append(f"{len(spread.own)} with a report of {'its' if len(spread.own) == 1 else 'their'} own")
    return ", ".join(parts)


def spread(members: Sequence[StoryMember], tier: int = 3) -> Spread:
    """Who had it, when, and from whom. A copy comes from where its original does, whether it says so or not.

    `tier`: the best of the members' sources, which only the configuration knows.
    """
    ordered = sorted(members, key=lambda each: (each.first_seen, each.id))
    by_id = {each.id: each for each in ordered}
    from_agency: dict[str, set[str]] = {}
    own: dict[str, None] = {}
    for each in ordered:
        original = by_id.get(each.duplicate_of) if each.duplicate_of is not None else None
        agency = each.agency or (original.agency if original else "")
        if agency and each.wire != "credit":
            from_agency.setdefault(agency, set()).add(each.outlet)
        elif each.duplicate_of is None:
            own[each.outlet] = None
    counted = sorted(
        ((agency, len(outlets)) for agency, outlets in from_agency.items()), key=lambda p: (-p[1], p[0])
    )
    outlets = tuple(dict.fromkeys(each.outlet for each in ordered))
    languages = tuple(dict.fromkeys(each.language for each in ordered if each.language))
    return Spread(outlets, tuple(counted), tuple(own), len(ordered), languages, tier)
