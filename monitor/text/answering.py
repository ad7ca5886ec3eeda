"""What a mail's foot says, and what the links are called by which its reader answers. Pure; called by deliver and review.

A new language is one more `FootWords` in the table; an unknown one reads English.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FootWords:
    to: str
    reference: str
    acknowledge: str
    not_relevant: str
    silence_story: str
    unsubscribe: str  # from the one watchlist, or the few, of an alert
    unsubscribe_these: str  # from all that a letter tells of
    unsubscribe_all: str


_ENGLISH = FootWords(
    to="Sent to",
    reference="Reference",
    acknowledge="Acknowledge",
    not_relevant="Not relevant",
    silence_story="Silence this story",
    unsubscribe="Unsubscribe from this watchlist",
    unsubscribe_these="Unsubscribe from these watchlists",
    unsubscribe_all="Unsubscribe from all alerts",
)

_FRENCH = FootWords(
    to="Envoyé à",
    reference="Référence",
    acknowledge="Pris en compte",
    not_relevant="Hors sujet",
    silence_story="Ne plus suivre cette affaire",
    unsubscribe="Se désabonner de cette veille",
    unsubscribe_these="Se désabonner de ces veilles",
    unsubscribe_all="Se désabonner de toutes les alertes",
)

_SPANISH = FootWords(
    to="Enviado a",
    reference="Referencia",
    acknowledge="Tomar nota",
    not_relevant="No es pertinente",
    silence_story="Silenciar esta noticia",
    unsubscribe="Darse de baja de este seguimiento",
    unsubscribe_these="Darse de baja de estos seguimientos",
    unsubscribe_all="Darse de baja de todas las alertas",
)

_ARABIC = FootWords(
    to="أُرسل إلى",
    reference="المرجع",
    acknowledge="تأكيد الاطلاع",
    not_relevant="لا يعنيني",
    silence_story="إسكات هذا الخبر",
    unsubscribe="إلغاء الاشتراك في قائمة الرصد هذه",
    unsubscribe_these="إلغاء الاشتراك في قوائم الرصد هذه",
    unsubscribe_all="إلغاء الاشتراك في كل التنبيهات",
)

_LANGUAGES = {"en": _ENGLISH, "fr": _FRENCH, "es": _SPANISH, "ar": _ARABIC}


def foot_words_for(language: str) -> FootWords:
    """By ISO 639-1 code, with or without a region (`fr`, `ar-MA`)."""
    return _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)
