"""L1: what counts as a copy of a text, and what only looks like one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.judge.copies import copy_of, repeats
from monitor.judge.fingerprint import sketch, text_of, words_of
from monitor.model import Article, KnownArticle
from tests.build import NOON, make_article

RELEASE = (
    "Le ministre de l'Equipement a inauguré mardi à Larache une station de dessalement qui doit desservir quarante "
    "mille foyers de la province. L'ouvrage, dont les travaux ont duré trois ans, a coûté neuf cents millions de dirhams. "
    "Il sera exploité par une régie locale qui a recruté soixante techniciens formés à Tanger. Les agriculteurs de la "
    "plaine voisine recevront l'eau excédentaire pendant la saison sèche, a précisé le directeur du projet."
)


def known(article: Article, id: int = 1, duplicate_of: int | None = None) -> KnownArticle:
    return KnownArticle(id, article, story_id=9, duplicate_of=duplicate_of)


def at(outlet: str, title: str, body: str, hours: float = 0) -> Article:
    moment = NOON + timedelta(hours=hours)
    return make_article(title, body, source_id=outlet, published=moment, first_seen=moment)


ORIGINAL = at("agency", "Larache: une station de dessalement inaugurée", RELEASE)


@pytest.mark.parametrize(
    ("article", "copied"),
    [
        # another headline, a dateline before it and a signature behind it
        (at("gazette", "L'eau arrive à Larache", f"Larache (MAP) - {RELEASE}\nLR/MAP"), True),
        # cut after half of it
        (at("herald", "Dessalement à Larache", RELEASE[:250]), True),
        # one sentence of it quoted in a text of one's own
        (
            at("herald", "Reportage", RELEASE[:80] + " Nous y étions." + " Autre chose encore ici." * 20),
            False,
        ),
        # the same event in other words
        (
            at(
                "herald",
                "Larache a son usine d'eau",
                "Une usine traite l'eau de mer depuis mardi au nord du pays.",
            ),
            False,
        ),
    ],
)
def test_a_copy_is_known_by_the_text_that_it_shares(article: Article, copied: bool) -> None:
    found = copy_of(article, [known(ORIGINAL)])
    assert (found is not None) is copied
    if found is not None:
        assert found.original.id == 1
        assert found.share >= 0.5


@pytest.mark.parametrize(("hours", "copied"), [(71, True), (73, False), (-71, True), (-73, False)])
def test_a_text_that_returns_after_three_days_is_news_again(hours: float, copied: bool) -> None:
    assert (copy_of(at("gazette", "Larache", RELEASE, hours), [known(ORIGINAL)]) is not None) is copied


FORECAST = "Voici les prévisions météorologiques établies par la direction générale pour le {}: temps stable, brumes matinales près des côtes."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # the form of another day
        (("Météo du lundi 6 avril", FORECAST.format("lundi 6 avril")), ("Météo du mardi 7 avril", FORECAST.format("mardi 7 avril"))),
        # the form filled in for another town
        (
            ("Nador: deux arrestations", "La police judiciaire de Nador a interpellé dans la nuit deux hommes qui détenaient des produits interdits."),
            ("Settat: deux arrestations", "La police judiciaire de Settat a interpellé dans la nuit deux hommes qui détenaient des produits interdits."),
        ),
        # the telegram to another country's president
        (
            ("Message au président du Mozambique", "Le souverain a adressé au chef de l'Etat ses voeux les plus sincères à l'occasion de la fête nationale de son pays."),
            ("Message au président du Gabon", "Le souverain a adressé au chef de l'Etat ses voeux les plus sincères à l'occasion de la fête nationale de son pays."),
        ),
    ],
)  # fmt: skip
def test_a_form_filled_in_anew_is_no_copy(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert copy_of(at("herald", *other), [known(at("gazette", *one))]) is None


def test_an_outlets_standing_words_do_not_make_its_articles_copies() -> None:
    furniture = " ".join(
        f"Rubrique {number} du journal et ses dossiers spéciaux."
        for number in "un deux trois quatre".split() * 5
    )
    one, other = (
        at("gazette", "Le blé monte", f"Hausse du blé. {furniture}"),
        at("gazette", "Un musée ouvre", f"Musée. {furniture}"),
    )
    assert copy_of(other, [known(one)]) is None


def test_a_chain_of_copies_does_not_end_at_another_text() -> None:
    other = at(
        "radio",
        "Autre chose",
        "Le festival de la mer reçoit vingt troupes venues de toute la côte pour trois jours de concerts.",
    )
    between = known(at("herald", "Mélange", RELEASE), id=2, duplicate_of=1)
    assert copy_of(at("gazette", "Larache", RELEASE), [between, known(other)]) is None


def test_a_copy_of_a_copy_names_the_original() -> None:
    between = known(at("herald", "Dessalement", RELEASE), id=2, duplicate_of=1)
    found = copy_of(at("gazette", "Larache", RELEASE), [between, known(ORIGINAL)])
    assert found is not None
    assert found.original.id == 1


def test_a_sketch_is_small_signed_and_the_same_in_every_run() -> None:
    words = words_of(text_of(ORIGINAL))
    hashes = sketch(words)
    assert hashes == sketch(words)
    assert 20 <= len(hashes) <= len(words)
    assert len(set(hashes)) == len(hashes)
    assert all(-(2**63) <= each < 2**63 for each in hashes)
    assert (
        sketch(("un", "deux", "trois", "quatre"))
        == sketch(("un", "deux", "trois", "quatre", "cinq"))[: len(sketch(("un", "deux", "trois", "quatre")))]
    )


def test_a_page_that_yields_only_furniture_makes_no_articles_the_same() -> None:
    furniture = "Rubriques du journal et ses dossiers, abonnez-vous."
    one, other = (
        at("gazette", "Le blé monte à Casablanca", furniture),
        at("gazette", "Un musée ouvre", furniture),
    )
    assert not repeats(other, one)
    assert repeats(at("herald", "Un musée ouvre", furniture), one)
    assert repeats(at("gazette", "Le blé monte encore", furniture), one)


VISIT = (
    "Le chef du gouvernement a reçu {0} au palais, en présence du ministre des affaires étrangères et de plusieurs hauts "
    "responsables. L'entretien a porté sur les relations entre les deux pays et les moyens de les renforcer dans tous les "
    "domaines, ainsi que sur plusieurs questions régionales et internationales d'intérêt commun, a indiqué le porte-parole."
)


def test_the_visits_of_two_guests_in_one_form_are_no_copies() -> None:
    one = at("agency", "Le chef du gouvernement reçoit le roi de Bahreïn", VISIT.format("le roi de Bahreïn"))
    other = at(
        "gazette", "Le premier ministre indien reçu au palais", VISIT.format("le premier ministre indien")
    )
    assert copy_of(other, [known(one)]) is None


def test_a_reprint_headed_with_another_place_of_the_text_is_a_copy() -> None:
    text = VISIT.format("le roi de Bahreïn") + " Celui-ci se rendra ensuite en Inde."
    one = at("agency", "Le chef du gouvernement reçoit le roi de Bahreïn", text)
    other = at("gazette", "Avant l'Inde, une étape au palais", text)
    assert copy_of(other, [known(one)]) is not None


def test_one_text_below_headlines_that_name_others_is_no_repetition() -> None:
    text = "Le souverain a adressé ses voeux les plus sincères à l'occasion de la fête nationale de son pays."
    one, other = (at("gazette", f"Message au président du {country}", text) for country in ("Gabon", "Chili"))
    assert not repeats(other, one)
    assert not repeats(at("herald", other.title, text), one)
    assert repeats(at("herald", "Des voeux pour une fête nationale", text), one)
