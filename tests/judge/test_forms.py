"""One form, filled in twice: two guests, two telegrams, two market reports in the same words are neither copies nor one story;
an edited copy still is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.judge import Window, place, traits
from monitor.judge.forms import Filled, filled_in
from monitor.model import Article, Verdict
from tests.build import NOON, make_article

Text = tuple[str, str]

GUEST_FR: Text = (
    "Le gouverneur reçoit {title}",
    "Rabat - Le gouverneur a reçu mardi à sa résidence {guest}, en visite de travail de trois jours. L'entretien, auquel ont "
    "assisté plusieurs membres du conseil régional, a porté sur les moyens de renforcer la coopération bilatérale et sur des "
    "projets communs dans le domaine de l'eau. {guest} a salué l'accueil qui lui a été réservé.",
)
GUEST_ES: Text = (
    "La alcaldesa recibe {title}",
    "La alcaldesa recibió este martes en el consistorio a {guest}, que cumple una visita oficial de dos días. Durante el "
    "encuentro, al que asistieron los concejales de cultura y de hacienda, hablaron de nuevas vías de colaboración entre las "
    "instituciones. Al término de la reunión {guest} firmó en el libro de honor de la ciudad.",
)
GUEST_EN: Text = (
    "Governor receives {title}",
    "The governor received at his office on Tuesday {guest}, who is paying a working visit to the province. Talks during the "
    "meeting dealt with ways of strengthening bilateral cooperation in agriculture and water, and with a number of topics of "
    "common interest. The meeting was attended by several senior officials of the regional council.",
)
GUEST_AR: Text = (
    "الوالي يستقبل {title}",
    "استقبل الوالي صباح اليوم بمكتبه {guest} الذي يقوم بزيارة عمل إلى المنطقة تستغرق ثلاثة أيام. وجرى خلال اللقاء بحث سبل "
    "تعزيز التعاون الثنائي في مجالات الفلاحة والماء وعدد من المواضيع ذات الاهتمام المشترك، بحضور عدد من كبار المسؤولين في "
    "المجلس الجهوي.",
)


def form(text: Text, title: str, guest: str) -> Text:
    return text[0].format(title=title), text[1].format(guest=guest)


def at(outlet: str, text: Text, language: str, hours: float = 0) -> Article:
    moment = NOON + timedelta(hours=hours)
    return make_article(
        *text,
        key=f"{outlet}.example.org/{hours}",
        source_id=outlet,
        language=language,
        published=moment,
        first_seen=moment,
    )


def read(*articles: Article) -> list[tuple[int, Verdict]]:
    """The story and the verdict of each, in order of arrival."""
    window = Window()
    placed = []
    for each in articles:
        found = traits(each)
        verdict = place(each, window.candidates(each, found, each.first_seen), found)
        known = window.add(each, found, verdict.story, verdict.duplicate_of, verdict.merges)
        placed.append((known.story_id, verdict))
    return placed


FORMS = [
    # guests with a country
    ("fr", form(GUEST_FR, "l'ambassadeur du Chili", "l'ambassadeur du Chili, Rodrigo Almendras"),
           form(GUEST_FR, "l'ambassadrice du Vietnam", "l'ambassadrice du Vietnam, Tran Thi Mai")),
    ("es", form(GUEST_ES, "al embajador de Noruega", "el embajador de Noruega, Lars Haugland"),
           form(GUEST_ES, "a la cónsul de Bolivia", "la cónsul de Bolivia, Nayra Quispe")),
    ("en", form(GUEST_EN, "Chilean ambassador", "the ambassador of Chile, Rodrigo Almendras"),
           form(GUEST_EN, "Vietnamese ambassador", "the ambassador of Vietnam, Tran Thi Mai")),
    ("ar", form(GUEST_AR, "سفير الشيلي", "سفير الشيلي رودريغو ألمندراس"),
           form(GUEST_AR, "سفيرة فيتنام", "سفيرة فيتنام تران تي ماي")),
    # guests without one
    ("fr", form(GUEST_FR, "le patron de Solaria", "le directeur général de Solaria, Hamid Belkadi"),
           form(GUEST_FR, "une romancière", "la romancière Nadège Ombredane")),
    ("en", form(GUEST_EN, "head of Solaria", "the chief executive of Solaria, Hamid Belkadi"),
           form(GUEST_EN, "novelist", "the novelist Imogen Tarrant")),
    # one guest is named in the headline only by what he is
    ("en", ("Governor receives a visitor", form(GUEST_EN, "", "the ambassador of Chile, Rodrigo Almendras")[1]),
           ("Governor receives another visitor", form(GUEST_EN, "", "Colonel Tran Thi Mai of the river guard")[1])),
]  # fmt: skip


@pytest.mark.parametrize(("language", "one", "other"), FORMS)
def test_two_guests_received_in_one_form_are_two_stories(language: str, one: Text, other: Text) -> None:
    articles = (at("agency", one, language), at("gazette", other, language, 5))
    assert filled_in(*articles) is Filled.NAMES
    (first, _), (second, verdict) = read(*articles)
    assert verdict.duplicate_of is None
    assert second != first


@pytest.mark.parametrize(("language", "one"), [(language, one) for language, one, _ in FORMS])
@pytest.mark.parametrize(
    "edit",
    [
        # a dateline and a signature of its own
        lambda title, body: (title, f"OTTOWN (Newsroom) - {body} Gazette/agency"),
        # cut
        lambda title, body: (title, body[: len(body) * 3 // 5]),
        # a paragraph of its own behind
        lambda title, body: (title, f"{body} Le même jour, à Settat, Samira Fassi ouvrait un nouveau centre."),
        # another headline, of words that the text has
        lambda title, body: (" ".join(body.split()[4:12]), body),
    ],
)  # fmt: skip
def test_an_edited_copy_of_a_form_is_a_copy(
    language: str, one: Text, edit: Callable[[str, str], Text]
) -> None:
    articles = (at("agency", one, language), at("gazette", edit(*one), language, 5))
    (first, _), (second, verdict) = read(*articles)
    assert verdict.duplicate_of == 1
    assert second == first


def test_the_same_name_in_another_spelling_is_the_same_guest() -> None:
    one, other = (
        at(outlet, form(GUEST_EN, f"General {name}", f"General {name} of the river guard"), "en")
        for outlet, name in (("agency", "Hifter"), ("gazette", "Haftar"))
    )
    assert filled_in(one, other) is None


def test_a_later_count_of_one_event_is_no_copy_but_may_be_its_story() -> None:
    text = (
        "Bus crash leaves {0} dead near Oulmont",
        "A bus left the road above Oulmont on Tuesday morning and {0} people were killed, the civil guard said. Rescue teams "
        "were still at the bottom of the ravine at noon, and the prefect has opened a line for the families.",
    )
    one, other = (at("agency", (text[0].format(n), text[1].format(n)), "en", n / 10) for n in (11, 15))
    assert filled_in(one, other) is Filled.NUMBERS


HEADLINES = [
    ("en", "Cable of condolence sent to President of Chile", "Cable of condolence sent to President of Vietnam"),
    ("fr", "Le souverain adresse un message de félicitations au président du Chili", "Le souverain adresse un message de félicitations au président du Vietnam"),
    ("ar", "برقية تهنئة إلى رئيس جمهورية الشيلي بمناسبة العيد الوطني", "برقية تهنئة إلى رئيس جمهورية فيتنام بمناسبة العيد الوطني"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "one", "other"), HEADLINES)
def test_telegrams_of_which_only_the_headline_is_there_are_two_stories(
    language: str, one: str, other: str
) -> None:
    (first, _), (second, _) = read(at("agency", (one, ""), language), at("agency", (other, ""), language, 1))
    assert second != first


def test_a_headline_below_another_article_is_no_copy_of_it() -> None:
    headline = "Les pêcheurs de Larache obtiennent un nouveau quai pour leurs barques"
    page = (
        "Le prix du blé tendre recule pour la troisième semaine",
        "Le blé tendre a perdu deux pour cent à la clôture de mardi. " * 15 + f"A lire aussi : {headline}",
    )
    ((first, _), (second, verdict)) = read(at("gazette", page, "fr"), at("herald", (headline, ""), "fr", 1))
    assert verdict.duplicate_of is None
    assert second != first
