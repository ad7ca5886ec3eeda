"""What pages set around their text: bylines, dates, titles again, labels, captions and closing notes. Sentences stay."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.model import Article
from monitor.refine import extract, refine
from tests.build import make_item, make_source

TITLE = "La délégation reçue à Doha"
LEAD = "La délégation est arrivée mardi à Doha pour une visite de deux jours, selon l'ambassade."
TALKS = "Les entretiens portent sur la coopération policière et la formation des cadres des deux pays."
NEXT = "Une seconde rencontre est prévue à Rabat avant la fin de l'année, a précisé le porte-parole."
TEXT = f"<p>{LEAD}</p><p>{TALKS}</p><p>{NEXT}</p>"
LINES = [LEAD, TALKS, NEXT]
SIGNED = '<meta name="author" content="Salma Idrissi">'
SITE = '<meta property="og:site_name" content="Le Courrier">'


def page(article: str, head: str = "", above: str = f"<h1>{TITLE}</h1>", beside: str = "") -> bytes:
    return (
        f'<html lang="fr"><head>{head}<title>{TITLE}</title></head><body>{above}'
        f"<article>{article}</article>{beside}</body></html>"
    ).encode()


def lines(article: str, head: str = "", above: str = f"<h1>{TITLE}</h1>") -> list[str]:
    return extract(page(article, head, above)).body.split("\n")


# --- above the text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "opening",
    [
        # name and date, in an element that is named for it, and in one that is not
        '<p class="date">LC avec agences, publié le mardi 21 avril 2026 à 17h30</p>',
        "<p>Salma Idrissi, publié le mardi 21 avril 2026 à 17h30</p>",
        # a date alone, in each language
        '<p class="info-publi"><abbr class="published">mardi 21 avril 2026</abbr></p>',
        "<p>Published on Tuesday, April 21, 2026 at 5:30 pm</p>",
        "<p>Publicado el 21 de abril de 2026 a las 17:30</p>",
        "<p>نشر يوم الثلاثاء 21 أبريل 2026</p>",
        # the author alone, and with where they write
        "<p>Par Salma Idrissi</p>",
        "<div><p>Salma Idrissi</p><p>Casablanca</p></div>",
        # the way to the page, by its name and by its end; the section as a link
        '<p class="arbo">Accueil &gt; Monde &gt; Golfe</p>',
        f"<p>Accueil &gt; Monde &gt; {TITLE}</p>",
        '<p><span><a rel="category tag" href="/m">Monde et Golfe</a></span>&#8203;</p>',
        # the title again, and part of it
        f"<h2>{TITLE.upper()}</h2>",
    ],
)
def test_bylines_dates_paths_and_the_title_above_a_text_are_not_its_text(opening: str) -> None:
    assert lines(f"{opening}{TEXT}", SIGNED) == LINES


@pytest.mark.parametrize(
    "opening",
    [
        # a date in a sentence, a name in a sentence, an agency's place
        "Le 21 avril 2026, la délégation a quitté Rabat pour Doha en début de matinée.",
        "Salma Idrissi a rencontré les deux délégations à leur arrivée à Doha.",
        "Doha (LC) - La délégation est arrivée.",
        "Publié le 21 avril 2026, le rapport cite trois ministères.",
        # a short line of facts, a kicker that is nobody's name
        "21 avril 2026 : le jour où tout a changé",
        "Coopération de sécurité",
    ],
)
def test_an_opening_sentence_with_a_date_or_a_name_stays(opening: str) -> None:
    assert lines(f"<p>{opening}</p>{TEXT}", SIGNED) == [opening, *LINES]


def test_the_same_byline_in_the_middle_of_a_text_stays() -> None:
    rest = "".join(f"<p>{number}. {TALKS}</p>" for number in range(6))
    assert "Salma Idrissi" in lines(f"{rest}<p>Salma Idrissi</p><p>{NEXT}</p>", SIGNED)


def test_an_h1_that_says_more_than_the_title_stays_in_the_text() -> None:
    longer = f"{TITLE} : trois accords signés"
    article = f"<header><h1>{longer}</h1></header>{TEXT}"
    head = f'<meta property="og:title" content="{TITLE}">'
    found = extract(page(article, head, above=""))
    assert found.title == TITLE
    assert "trois accords" in f"{found.body}"


# --- in it -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "<h3>Pour ne rien manquer de la visite :</h3><p><a href='/x'>Un forum à Marrakech</a></p><h3>Les suites</h3>",
        "<p><b>Sur ce sujet :</b></p><ul><li><a href='/x'>Un forum à Marrakech</a></li></ul><h3>Les suites</h3>",
        "<div><p>Noticia relacionada</p><p><a href='/x'>Un forum à Marrakech</a></p></div><h3>Les suites</h3>",
    ],
)
def test_a_label_goes_with_the_links_that_it_announces(label: str) -> None:
    assert lines(f"<p>{LEAD}</p>{label}<p>{TALKS}</p>") == [LEAD, "Les suites", TALKS]


@pytest.mark.parametrize(
    "kept",
    [
        # a sentence that ends in a colon is one
        "<p>L'ambassade renvoie à son communiqué de mardi :</p><p><a href='/c'>Communiqué du 21 avril</a></p>",
        "<h3>Les chiffres :</h3><p>Trois accords, deux jours, une délégation de douze personnes.</p>",
    ],
)
def test_a_line_before_a_colon_that_is_no_mere_label_stays(kept: str) -> None:
    body = "\n".join(lines(f"<p>{LEAD}</p>{kept}<p>{TALKS}</p>"))
    assert "communiqué de mardi :" in body or "Les chiffres :" in body


def test_an_address_to_write_to_stays() -> None:
    asked = "<p>Les témoignages sont reçus à cette adresse :</p><p><a href='mailto:desk@example.org'>desk@example.org</a></p>"
    assert "desk@example.org" in lines(f"<p>{LEAD}</p>{asked}<p>{TALKS}</p>")


def test_a_linked_item_stays_in_a_list_of_text() -> None:
    items = "<li>Une formation commune à Rabat</li><li><a href='/a'>Un accord aérien</a></li><li>Un bureau à Doha, dès juin</li>"
    assert "Un accord aérien" in lines(f"<p>{LEAD}</p><ul>{items}</ul><p>{TALKS}</p>")


@pytest.mark.parametrize(
    "picture",
    [
        "<figure><img src=x><figcaption><p>Le forum de Marrakech, en mars dernier</p></figcaption></figure>",
        "<div><img src=x><figcaption class=caption><p class=inline>Le forum de Marrakech</p></figcaption></div>",
        "<div><img src=x><p class='wp-caption-text'>Le forum de Marrakech, en mars dernier</p></div>",
    ],
)
def test_a_caption_is_not_the_text(picture: str) -> None:
    assert lines(f"<p>{LEAD}</p>{picture}<p>{TALKS}</p><p>{NEXT}</p>") == LINES


@pytest.mark.parametrize("heading", ["h1", "h2"])
@pytest.mark.parametrize("block", ["<article>{}</article>", "<div class='corps-x'>{}</div>"])
def test_section_headings_stay_whatever_their_level_and_block(heading: str, block: str) -> None:
    text = (
        f"<p>{LEAD * 2}</p><{heading}><b><i>Les suites</i></b></{heading}><p>{TALKS * 2}</p><p>{NEXT * 2}</p>"
    )
    html = (
        f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{block.format(text)}</body></html>"
    )
    assert extract(html.encode()).body.split("\n") == [LEAD * 2, "Les suites", TALKS * 2, NEXT * 2]


@pytest.mark.parametrize(
    "name", ["chapo", "article-subtitle", "field-op-subtitle", "standfirst", "entradilla"]
)
def test_the_standfirst_comes_first_even_where_no_meta_repeats_it(name: str) -> None:
    first = "Une délégation de douze personnes est à Doha pour parler de formation et d'échanges."
    above = f"<h1>{TITLE}</h1><div class='{name}'><div>{first}</div></div>"
    assert lines(TEXT, above=above) == [first, *LINES]


@pytest.mark.parametrize(
    "above",
    [
        # what is so named but beside, before the title, or behind the text's beginning
        f"<h1>{TITLE}</h1><aside><p class=subtitle>Un forum de plus à Marrakech attend mille invités en mai.</p></aside>",
        f"<p class=subtitle>Un forum de plus à Marrakech attend mille invités en mai.</p><h1>{TITLE}</h1>",
        f"<h1>{TITLE}</h1><p class=subtitle><a href=/x>Un forum de plus à Marrakech attend mille invités en mai.</a></p>",
    ],
)
def test_a_stranger_is_not_taken_for_the_standfirst(above: str) -> None:
    assert "forum" not in "\n".join(lines(TEXT, above=above))


def test_a_description_that_opens_with_a_short_block_above_the_text_makes_it_the_standfirst() -> None:
    first = "Douze personnes, deux jours, trois accords : ce que l'on sait de la visite."
    head = f'<meta name="description" content="{first} La délégation est (...)">'
    above = f"<h1>{TITLE}</h1><div><p>{first}</p><ul><li><a href=/m>Monde</a></li></ul></div>"
    assert lines(TEXT, head, above)[0] == first


# --- below it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "note",
    [
        "Puede escribirnos a desk@example.org o seguirnos en Facebook.",
        "Suivez-nous sur WhatsApp pour ne rien manquer.",
        "Sign up for our weekly newsletter here.",
        "تابعونا على فيسبوك",
    ],
)
def test_a_closing_note_on_how_to_follow_the_outlet_goes(note: str) -> None:
    assert lines(f"{TEXT}<p>{note}</p>") == LINES


@pytest.mark.parametrize(
    "closing",
    [
        "La délégation a aussi ouvert un compte Twitter et une page Facebook.",
        "« Suivez-nous sur Facebook », a lancé le porte-parole à la presse.",
        "Suivez-nous, a dit le guide en entrant dans le palais.",
        "LC/MAP",
    ],
)
def test_a_closing_sentence_that_names_a_network_stays(closing: str) -> None:
    assert lines(f"{TEXT}<p>{closing}</p>") == [*LINES, closing]


# --- when and by whom ------------------------------------------------------------------------------------------------


def test_a_date_in_rdfa_is_the_articles() -> None:
    stated = '<span property="dc:date" content="2026-04-21T00:00:00+01:00">mardi</span>'
    archive = "<aside><time datetime='2025-01-02'>2 janvier 2025</time></aside>"
    assert extract(page(stated + TEXT, beside=archive)).published == datetime(2026, 4, 20, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "stranger",
    [
        "<div class='comments'><p><abbr class=date title='2025-01-02T10:00:00Z'>Le 2 janvier 2025</abbr> Bravo</p></div>",
        "<article class='comment'><time datetime='2025-01-02' itemprop=datePublished>2 janvier 2025</time> Bravo</article>",
        "<aside><article><time datetime='2025-01-02'>2 janvier 2025</time></article></aside>",
    ],
)
def test_a_date_is_never_a_comments_or_a_sidebars(stranger: str) -> None:
    assert extract(page(TEXT, beside=stranger)).published is None


@pytest.mark.parametrize(
    ("head", "article", "authors"),
    [
        # the outlet goes where a person is known, and stays where none is
        (
            f'{SITE}<meta name="author" content="Le Courrier">'
            '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Salma Idrissi"}}</script>',
            "",
            ("Salma Idrissi",),
        ),
        (f'{SITE}<meta name="author" content="Le Courrier">', "", ("Le Courrier",)),
        (
            f'{SITE}<meta name="author" content="Le Courrier">',
            "<p class=byline>Par Salma Idrissi</p>",
            ("Salma Idrissi",),
        ),
        # spelled as the page spells it
        ('<meta name="author" content="Hugo R. Salvat.">', "", ("Hugo R. Salvat.",)),
        ('<meta name="author" content="Maëlle Falc\'hon">', "", ("Maëlle Falc'hon",)),
        # two in one byline
        (SIGNED, "<div class=author>S. Idrissi / J. M. Serrano</div>", ("Salma Idrissi", "J. M. Serrano")),
        # a name that only the text's element has, and an Arabic credit
        ("", "<span class='field-contributor'>Par <a href=/s>Salma Idrissi</a></span>", ("Salma Idrissi",)),
        ("", "<p>حوار: سلمى الإدريسي</p>", ("سلمى الإدريسي",)),
        # not a reader, a photographer or the author of another article
        ("", "<figure><img src=x><span class=author>Jean Photo</span></figure>", ()),
        ("", "<div class=comments><span class=author>Jean Lecteur</span></div>", ()),
        ("", "<aside><span class=author>Jean Ailleurs</span></aside>", ()),
    ],
)
def test_authors_are_persons_as_the_page_spells_them(
    head: str, article: str, authors: tuple[str, ...]
) -> None:
    found = extract(page(article + TEXT, head))
    assert found.authors == authors
    assert found.body.split("\n") == LINES


# --- pages that are no article, or only its beginning ----------------------------------------------------------------


def refined(body: bytes) -> Article:
    item = make_item(title=TITLE, summary=LEAD[:40])
    return refine(
        item, make_source(full_text=True), body, item.url, "", datetime(2026, 4, 21, tzinfo=UTC), False
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("live-match", "match sheet"),
        ("current-podcast__infos", "player"),
        ("audioPlayer", "player"),
    ],
)
def test_the_text_of_a_player_or_a_match_sheet_is_noted(name: str, kind: str) -> None:
    shown = "".join(f"<p>Doha, délégation, épisode {number}, vingt minutes.</p>" for number in range(9))
    article = refined(page(f"<div class='{name}'>{shown}</div>"))
    assert article.notes == (f"page: not an article page: its text is a {kind}'s",)


def test_an_article_with_a_player_in_it_is_one() -> None:
    assert refined(page(f"{TEXT}<div class=player><p>Écouter, 3 minutes</p></div>")).notes == ()
    assert refined(page(f"<div class='podcast-page'><p>{LEAD * 3}</p><p>{TALKS * 3}</p></div>")).notes == ()


def test_a_title_that_is_marked_as_paid_and_a_short_text_are_a_beginning() -> None:
    paid = page(TEXT, above=f"<h1>{TITLE}</h1><div class='title-payant'>Article en accès payant</div>")
    assert extract(paid).walled
    declared = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": true}</script>'
    )
    assert not extract(page(TEXT, declared)).walled
