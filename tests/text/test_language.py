"""Which language a text is in."""

from __future__ import annotations

import pytest

from monitor.text.language import LANGUAGES, detect, language_tag


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le ministre a reçu hier à Rabat une délégation de parlementaires", "fr"),
        ("The minister received a delegation of members of parliament yesterday", "en"),
        ("El ministro recibió ayer en Rabat a una delegación de diputados", "es"),
        ("استقبل الوزير أمس في الرباط وفدا من البرلمانيين", "ar"),
        ("Der Minister empfing gestern in Rabat eine Gruppe von Abgeordneten", "de"),
        ("Il ministro ha ricevuto ieri a Rabat una delegazione di deputati", "it"),
        ("O ministro recebeu ontem em Rabat uma delegação de deputados", "pt"),
        ("De minister ontving gisteren in Rabat een groep Kamerleden", "nl"),
        ("Bakan dün Rabat'ta bir grup milletvekilini kabul etti", "tr"),
        ("Вчера министр принял в Рабате делегацию депутатов", "ru"),
        ("وزیر خارجه دیروز در رباط با گروهی از نمایندگان پارلمان گفتگو کرد", "fa"),
        ("وزیر خارجہ نے کل رباط میں ارکان پارلیمنٹ کے وفد سے ملاقات کی", "ur"),
        ("השר קיבל אתמול ברבאט משלחת של חברי פרלמנט", "he"),
        ("部长昨天在拉巴特会见了议员代表团", "zh"),
        # a foreign name in another script changes nothing
        ("Le quotidien الصباح rapporte la visite du ministre à Doha", "fr"),
        ("قال متحدث باسم Qatar Airways إن الرحلات مستمرة كالمعتاد", "ar"),
        # letters beyond Arabic's in a name or two
        ("زار رئيس شركة پژو الفرنسية مصنعها في القنيطرة أمس والتقى العمال", "ar"),
        # Arabic typed on a Persian keyboard
        ("أدی الوزیر صلاة الجمعة في الرباط مع المصلین وتحدث عن المدینة القدیمة", "ar"),
        # capitals throughout
        ("EL MINISTRO NO QUIERE HABLAR DE LOS PRESUPUESTOS ESTE AÑO, dice", "es"),
    ],
)
def test_a_sentence_is_recognised_without_a_hint(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        # too short to tell: the source is believed
        ("Le MASI confirme", "fr", "fr"),
        ("Qatar Airways", "es-ES", "es"),
        ("کتاب", "fa", "fa"),
        # but not against the script
        ("قطر", "fr", "ar"),
        ("Qatar", "ar", detect("Qatar")),
        # a long text speaks for itself
        ("The minister received a delegation of members of parliament yesterday", "fr", "en"),
        # a hint that is none
        ("Le ministre a reçu hier à Rabat une délégation", "français!", "fr"),
    ],
)
def test_a_hint_helps_where_the_text_is_short(text: str, hint: str, language: str | None) -> None:
    assert detect(text, hint) == language


@pytest.mark.parametrize("text", ["", "  ", "12:30", "—", "OK", "\ud800\ud800\ud800", "🇲🇦🇶🇦"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert detect(text, "fr") is None


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr", "fr"),
        ("fr-MA", "fr"),
        ("AR_ma", "ar"),
        (" en ", "en"),
        ("", None),
        (None, None),
        ("french", None),
    ],
)
def test_a_tag_is_read_as_its_language(tag: str | None, language: str | None) -> None:
    assert language_tag(tag) == language


def test_a_text_that_the_model_knows_nothing_of_has_no_language_but_the_hints() -> None:
    assert detect("[allAfrica]") is None
    assert detect("[allAfrica]", "en") == "en"


def test_every_language_that_can_be_answered_is_one_of_two_letters() -> None:
    assert all(language_tag(language) == language for language in LANGUAGES)
