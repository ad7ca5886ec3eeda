"""Dates as headlines say them: "lundi 6 avril", "6 de abril", "April 6", «الاثنين 6 أبريل».

`days(words)` is called for the story profile of each article (judge), to tell the forecast of one day from another's.
Never makes a date of it: the publication time is what counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.text.tokens import Words

_WEEKDAYS = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche "
    "lunes martes miercoles jueves viernes sabado domingo "
    "monday tuesday wednesday thursday friday saturday sunday "
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"
)
_MONTHS = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "january february march april may june july august september october november december "
    "يناير فبراير مارس أبريل ماي مايو يونيو يوليو يوليوز غشت أغسطس سبتمبر شتنبر أكتوبر نوفمبر نونبر ديسمبر دجنبر"
)
_NAMES = frozenset(Words(f"{_WEEKDAYS} {_MONTHS}").words)
_NEAR = 2  # words between a number and the name it belongs to


def days(words: Sequence[str]) -> frozenset[str]:
    """Names of days and months, and the numbers beside them, among these folded words."""
    named = [place for place, word in enumerate(words) if word in _NAMES]
    beside = (
        word.removesuffix("er")
        for place, word in enumerate(words)
        if word.removesuffix("er").isdigit()
        and len(word) <= 3
        and any(abs(place - each) <= _NEAR for each in named)
    )
    return frozenset((*(words[place] for place in named), *beside))
