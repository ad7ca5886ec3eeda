"""Whether a page shows the beginning of its article only, and the rest to subscribers. Called by extract.

Three signs: what the page declares for search engines (schema.org's isAccessibleForFree, content tiers), the wall itself by its
name, and what it says to its reader. Each alone is not enough: outlets declare whole articles as not free, and every page
invites to subscribe. So the text must be short too, the shorter the weaker the sign.
"""

from __future__ import annotations

import re

from monitor.refine.linked import linked_nodes
from monitor.refine.markup import Element
from monitor.text.tokens import tokenise

# Words of the body, below which each sign is believed
DECLARED, NAMED, SAID = 350, 250, 200

_NAME = re.compile(
    r"(?<![a-z])(?:pay[-_]?wall|reg[-_]?wall|meter(?:ed)?[-_]?wall|subscri(?:ber|ption)s?[-_]?(?:only|wall|required|prompt)|"
    r"premium[-_]?(?:wall|lock|only|content[-_]?lock)|(?:article|content)[-_]?(?:locked|restricted)|"
    r"(?:reserve|bloque|mur)[-_]?(?:aux[-_]?)?abonnes?|(?:title|titre|article|contenu)[-_]?payants?|muro[-_]?de[-_]?pago|solo[-_]?suscriptores)(?![a-z])"
)
_SENTENCE = re.compile(
    r"r[ée]serv[ée]e? (?:à nos |aux )abonn[ée]s|(?:pour|afin de) (?:lire|consulter) la suite|la suite (?:de cet article )?est réservée|"
    r"il vous reste [\d.,]+ ?% de cet article|poursui(?:vre|vez) (?:la|votre) lecture|déjà abonn[ée]|"
    r"(?:subscribe|sign up|register|log in) (?:now )?to (?:continue|keep|read)|to continue reading|for subscribers only|subscriber[- ]only|"
    r"(?:exclusive|available) (?:only )?to (?:our )?subscribers|already a subscriber|unlock (?:this|the) (?:full )?article|"
    r"(?:exclusiv[oa]|sol[oa]|reservad[oa]) (?:para|a) (?:los )?suscriptores|para (?:seguir|continuar) leyendo|"
    r"suscr[íi]b(?:ete|ase) (?:ya )?para (?:seguir|leer)|¿ya eres suscriptor|"
    r"للمشتركين فقط|(?:المقال|المحتوى|التقرير) (?:متاح|مخصص|حصري) للمشتركين|اشترك (?:الآن )?(?:لقراءة|لمواصلة|لمتابعة)|"
    r"لقراءة (?:بقية|باقي|كامل) (?:المقال|الخبر)|(?:لمواصلة|لمتابعة) القراءة",
    re.IGNORECASE,
)
# A line that only a wall says; what stands behind it is offers
_WALL = re.compile(
    r"\W*(?:il vous reste [\d.,]+ ?% de cet article|(?:cet article|ce contenu|la suite)\b.{0,40}\bréservée? (?:à nos |aux )abonnés|"
    r"pour (?:lire|consulter) la suite|subscribe (?:now )?to (?:continue|keep) reading|to continue reading|"
    r"this (?:article|content|story) is (?:only )?(?:for|exclusive to) (?:our )?subscribers|"
    r"(?:contenido|artículo) exclusivo para suscriptores|para (?:seguir|continuar) leyendo|"
    r"هذا (?:المقال|المحتوى|التقرير) (?:متاح|مخصص|حصري) للمشتركين|(?:اشترك )?(?:لمواصلة|لمتابعة) القراءة)",
    re.IGNORECASE,
)
WALL_LINES = 15  # from the end
WALL_LENGTH = 200  # characters of such a line
_TIERS = ("locked", "metered", "premium", "subscriber")


def before_wall(body: str) -> str:
    """The body up to the line where a wall begins; all of it where there is none."""
    lines = body.split("\n")
    for number in range(max(1, len(lines) - WALL_LINES), len(lines)):
        if len(lines[number]) <= WALL_LENGTH and _WALL.match(lines[number]):
            return "\n".join(lines[:number])
    return body


def stands_before(tree: Element, body: str) -> bool:
    """Whether the body is only what a subscription leaves free."""
    words = len(tokenise(body))
    if words < DECLARED and _declared(tree):
        return True
    if words < NAMED and _named(tree):
        return True
    return words < SAID and _SENTENCE.search(" ".join(tree.text_content().split())) is not None


def _declared(tree: Element) -> bool:
    metas = "//meta[@property='article:content_tier' or @name='article:content_tier']/@content"
    if any(str(tier).strip().lower() in _TIERS for tier in tree.xpath(metas)):
        return True
    items = "//*[@itemprop='isAccessibleForFree']/@content"
    if any(_is_false(value) for value in tree.xpath(items)):
        return True
    return any(_is_false(node.get("isAccessibleForFree")) for node in linked_nodes(tree))


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in ("false", "no", "non", "0"))


def _named(tree: Element) -> bool:
    """A block of that name with words in it; empty ones wait on many pages for a script."""
    for element in tree.iter("div", "section", "aside", "form", "p"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if names != " " and _NAME.search(names) and element.text_content().strip():
            return True
    return False
