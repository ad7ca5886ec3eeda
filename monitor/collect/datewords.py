"""The words that dates are written with: months in the languages read here, zones, halves of the day. Data only."""

from __future__ import annotations

import unicodedata

# One line a month: English, French, Spanish, Portuguese; then Arabic as written in the Gulf and Egypt, in Morocco, in
# Algeria and Tunisia, and in the Levant. Abbreviations behind.
_MONTHS = """
january janvier enero janeiro يناير جانفي | jan janv ene
february février febrero fevereiro فبراير فيفري شباط | feb févr fév fev
march mars marzo março مارس آذار | mar
april avril abril أبريل إبريل أفريل نيسان | apr avr abr
may mai mayo maio مايو ماي أيار | may
june juin junio junho يونيو يونيه جوان حزيران | jun
july juillet julio julho يوليو يوليه يوليوز جويلية تموز | jul juil
august août agosto أغسطس غشت أوت آب | aug ago
september septembre septiembre setembro سبتمبر شتنبر أيلول | sep sept set
october octobre octubre outubro أكتوبر | oct out
november novembre noviembre novembro نوفمبر نونبر | nov
december décembre diciembre dezembro ديسمبر دجنبر | dec déc dic dez
"""


def bare(word: str) -> str:
    """Lower case without accents, hamza or vowel marks: how a month's name is looked up."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


MONTHS = {
    bare(word): number
    for number, line in enumerate(_MONTHS.strip().splitlines(), start=1)
    for word in line.replace("|", " ").split()
}

# Minutes ahead of UTC. Where a name means several zones the press read here decides: AST is Arabia, IST India, BST Britain.
ZONES = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("WEST", "CET", "MEZ", "BST", "WAT"), 60),
    **dict.fromkeys(("CEST", "MESZ", "EET", "CAT", "SAST"), 120),
    **dict.fromkeys(("EEST", "MSK", "AST", "EAT", "TRT"), 180),
    "IRST": 210,
    **dict.fromkeys(("GST", "AZT"), 240),
    "PKT": 300,
    "IST": 330,
    **dict.fromkeys(("ICT", "WIB"), 420),
    **dict.fromkeys(("SGT", "HKT", "AWST", "MYT"), 480),
    **dict.fromkeys(("JST", "KST"), 540),
    "ACST": 570,
    "AEST": 600,
    "ACDT": 630,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    **dict.fromkeys(("BRT", "ART", "CLST", "ADT"), -180),
    "NST": -210,
    **dict.fromkeys(("EDT", "CLT"), -240),
    **dict.fromkeys(("EST", "CDT", "PET"), -300),
    **dict.fromkeys(("CST", "MDT"), -360),
    **dict.fromkeys(("MST", "PDT"), -420),
    **dict.fromkeys(("PST", "AKDT"), -480),
    "AKST": -540,
    "HST": -600,
}

# Hours that the half of the day adds to a twelve-hour clock.
MERIDIEM = {"am": 0, "ص": 0, "pm": 12, "م": 12}
