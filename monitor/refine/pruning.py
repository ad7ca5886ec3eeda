"""Takes off a page's tree what stands beside the article: related headlines, most-read lists, comments, newsletters.

Called by extract before trafilatura reads the tree; the trees are changed in place. A headline of a sidebar may name what
an analyst watches for, and an alert on it is false: so a marked block goes even where trafilatura would keep it. Never
takes a block that holds the article: a headline (h1) or several long paragraphs protect what they stand in.
"""

from __future__ import annotations

import re

from monitor.refine.markup import Element, named
from monitor.text.lead import without_code

# What a class or id says, as whole words between - _ and capitals
_NAMED = named(
    r"""
    related|relateds|relatedposts?|similar|recommend(?:ed|ations?)?|reco|recos|outbrain|taboola|mgid|yarpp|crp|
    (?:read|see)[-_]?(?:also|more|next)|also[-_]?read|more[-_]?(?:from|on|stories|news)|most[-_]?(?:read|popular|viewed)|
    trending|up[-_]?next|next[-_]?(?:article|post|story)|latest[-_]?(?:news|posts|articles)|
    (?:a[-_]?)?(?:lire|voir)[-_]?(?:aussi|plus|egalement)|(?:articles?|contenus?)[-_]?(?:lies|similaires|associes|connexes)|
    meme[-_]?(?:sujet|theme)|plus[-_]?(?:lus?|vus?)|a[-_]?la[-_]?une|en[-_]?continu|
    (?:lea|lee|vea)[-_]?(?:mas|tambien)|te[-_]?puede[-_]?interesar|relacionad[ao]s?|mas[-_]?(?:leid[ao]s?|vist[ao]s?)|
    comments?|commentaires?|comentarios?|respond|disqus|newsletters?
    """
)
_COMMENTS = named("comments?|commentaires?|comentarios?|respond|disqus|forum")

# What stands over, or in front of, a list of other articles, or of comments
_MARKERS = r"""
    (?:à\s+|a\s+)?lire\s+(?:aussi|également|egalement|ensuite|encore)|(?:à\s+)?voir\s+(?:aussi|également)|lisez\s+aussi|
    sur\s+le\s+même\s+(?:sujet|thème)|dans\s+la\s+même\s+rubrique|
    (?:articles?|contenus?|sujets?)\s+(?:similaires?|liés?|associés?|connexes?|recommandés?)|
    (?:les\s+)?(?:articles\s+)?(?:les\s+)?plus\s+(?:lus|vus|populaires|commentés)|à\s+la\s+une|dernières?\s+(?:infos|actualités|nouvelles)|
    vous\s+(?:aimerez|pourriez\s+aimer)(?:\s+aussi)?|ça\s+peut\s+vous\s+intéresser|
    (?:laisser|laissez|poster|ajouter|écrire)\s+un\s+commentaire|(?:\d+\s+)?commentaires?|laisser\s+une\s+réponse|
    also\s+read|read\s+(?:also|more|next)|see\s+also|you\s+(?:may|might)\s+(?:also\s+)?(?:like|be\s+interested\s+in)|
    related(?:\s+(?:articles?|stories|news|posts?|topics|content))?|recommended(?:\s+(?:for\s+you|stories|articles))?|
    more\s+(?:on\s+this(?:\s+story)?|stories|from\s+.{2,30})|most\s+(?:read|popular|viewed)|trending(?:\s+now)?|latest\s+(?:news|stories)|
    leave\s+a\s+(?:comment|reply)|(?:\d+\s+)?comments?|join\s+(?:our\s+commenting\s+forum|the\s+conversation)|
    (?:lea|lee|leer|vea|ver|mire)\s+(?:también|tambien|más|mas)|(?:también\s+)?te\s+puede\s+interesar|le\s+puede\s+interesar|
    (?:noticias?|artículos?|notas?|contenidos?)\s+relacionad[ao]s?|relacionad[ao]s?|(?:lo\s+)?más\s+(?:leído|visto|leídas|vistas)|
    (?:deja|deje|escribe)\s+(?:un|tu|su)\s+comentario|(?:\d+\s+)?comentarios?|
    (?:اقرأ|إقرأ|اقرا|اقرئي|شاهد|طالع|انظر)\s+(?:أيضا|ايضا|أيضاً|ايضاً|أيضًا|ايضًا|المزيد|كذلك)|قد\s+يهمك(?:\s+(?:أيضا|ايضا|أيضاً|أيضًا))?|
    (?:مواضيع|مقالات|أخبار|اخبار|موضوعات)\s+(?:ذات\s+صلة|متعلقة|مشابهة|مرتبطة)|ذات\s+صلة|(?:الأكثر|الاكثر)\s+(?:قراءة|مشاهدة|تداولا)|
    (?:اترك|أضف|اضف|أكتب|اكتب)\s+(?:تعليقا|تعليقاً|تعليقًا|تعليق|تعليقك|ردا)|(?:\d+\s+)?(?:التعليقات|تعليقات)
"""
_DECORATION = r"[\s\W_]*"
HEADS = re.compile(rf"{_DECORATION}(?:{_MARKERS}){_DECORATION}$", re.VERBOSE | re.IGNORECASE)
OPENS = re.compile(rf"{_DECORATION}(?:{_MARKERS})(?!\w)", re.VERBOSE | re.IGNORECASE)
OPENS_PLAIN = re.compile(
    rf"{_DECORATION}(?:{_MARKERS})(?:\s+sur\s+[^:]{{2,30}})?\s*[:：|»>]", re.VERBOSE | re.IGNORECASE
)
_NOISE = re.compile(
    r"\W*(?:passer la publicité|publicité|advertisement|skip ad(?:vertisement)?|publicidad|إعلان|اعلان)\W*$",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.:;,،؛…][\s\"'»”’)]*$")
MOST_TEASERS = 5  # headlines under one marker
MARKED_LINE = 250  # characters: what opens with a marker and is longer is a paragraph of the article

_NEVER = frozenset({"html", "body", "main", "h1", "head"})
_ASIDE = ("aside", "nav", "figure", "figcaption")
_NAMEABLE = frozenset(
    "div section aside ul ol nav footer p h2 h3 h4 h5 h6 form figure figcaption table article".split()
)
_LINES = ("p", "li", "h2", "h3", "h4", "h5", "h6")
_TITLES = ("h2", "h3", "h4", "h5", "h6")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6", "p", "div", "span", "strong", "b", "li", "summary", "legend")
KICKER = 25  # letters
LONG_PARAGRAPH = 200  # characters outside of links


def prune(tree: Element) -> None:
    """All of it, in an order in which each step finds less."""
    for link in list(tree.iter("a")):
        if (link.get("href") or "").lower().startswith(("mailto:", "tel:")):
            link.drop_tag()  # where to write is no other page
    for element in list(tree.iter(*_NAMEABLE)):
        if (element.tag == "nav" or _NAMED(element) or element.tag == "figcaption") and not _holds_article(
            element
        ):
            element.drop_tree()
    for element in list(tree.iter("article")):
        if _attached(element, tree) and _is_card(element):
            element.drop_tree()
    for element in list(tree.iter(*_HEADINGS)):
        if _attached(element, tree) and HEADS.match(_short_text(element)):
            _drop_headed(element)
    kept = {item for items in tree.iter("ul", "ol") if _is_list_of_text(items) for item in items}
    for element in list(tree.iter(*_LINES)):
        leads_away = element not in kept and is_only_link(element)
        if _attached(element, tree) and (leads_away or _points_elsewhere(element)):
            _drop_with_label(element)


def drop_beside(tree: Element) -> None:
    """What `stands_beside`, for facts: more than the text can spare, and the bylines stay, which are links."""
    for element in list(tree.iter("aside", "nav", "figure", *_NAMEABLE)):
        if _attached(element, tree) and _is_beside(element):
            element.drop_tree()


def article_lines(text: str) -> list[str]:
    """The lines of a plain text without those that lead elsewhere: "Lire aussi : ...", and a bare "Read also" with the
    headlines that follow it, as they stand in the middle of articles too; and without a style sheet or script."""
    kept: list[str] = []
    teasers = 0
    for line in without_code(text.split("\n")):
        if _is_marked(line):
            teasers = MOST_TEASERS if HEADS.match(line) else 0
        elif teasers and _is_teaser(line):
            teasers -= 1
        else:
            teasers = 0
            kept.append(line)
    return kept


def _is_marked(line: str) -> bool:
    if len(line) > MARKED_LINE:
        return False
    return any(pattern.match(line) for pattern in (HEADS, OPENS_PLAIN, _NOISE))


def _is_teaser(line: str) -> bool:
    """A headline, where one is expected: of a headline's length, and not ended as a sentence is."""
    return 20 <= len(line) <= 160 and _ENDED.search(line) is None


def stands_beside(element: Element) -> bool:
    """Whether it is in a comment, a list of other articles, a menu or a picture: what is dated or signed there is not
    the article."""
    return any(_is_beside(around) for around in (element, *element.iterancestors()))


def _is_beside(element: Element) -> bool:
    if element.tag in _NEVER or not (element.tag in _ASIDE or _COMMENTS(element) or _NAMED(element)):
        return False
    return not element.xpath(".//h1 | .//main | .//*[@itemprop='articleBody']")


def _is_card(element: Element) -> bool:
    """Another article, as a picture and a headline that links to it, in the middle of this one."""
    heading = ".//a//*[self::h2 or self::h3 or self::h4] | .//*[self::h2 or self::h3 or self::h4]//a"
    return bool(
        element.xpath("ancestor::article | ancestor::main")
        and element.xpath(heading)
        and not element.xpath(".//h1")
        and not _long_paragraphs(element)
    )


def _holds_article(element: Element) -> bool:
    """Whether the article may be in it. Comments have long paragraphs too, and no h1: their names tell them."""
    if element.tag in _NEVER or element.xpath(".//h1 | .//main | .//*[@itemprop='articleBody']"):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    if "comment" in names or "respond" in names or "disqus" in names:
        return bool(element.tag == "article")
    return _long_paragraphs(element) >= 2


def _long_paragraphs(element: Element) -> int:
    return sum(1 for p in element.iter("p") if _free_text(p) >= LONG_PARAGRAPH)


def _free_text(element: Element) -> int:
    """Characters outside of links."""
    linked = sum(len(link.text_content().strip()) for link in element.iter("a"))
    return max(0, len(element.text_content().strip()) - linked)


def _short_text(element: Element) -> str:
    """The text of an element that may be a heading; "" for a long one, cheaply."""
    if len(element) > 6:
        return ""
    text: str = element.text_content().strip()
    return text if len(text) <= 60 else ""


def _attached(element: Element, tree: Element) -> bool:
    """Whether it still stands in the tree: something around it may have gone."""
    while element is not None and element is not tree:
        element = element.getparent()
    return element is tree


def _drop_headed(heading: Element) -> None:
    """A marker and what it heads: the block that it opens, else the links that follow it. A marker before plain
    paragraphs stays, so that `article_lines` can tell headlines among them."""
    block = heading
    while _opens_its_parent(block) and not _holds_article(block.getparent()):
        block = block.getparent()
    followed = False
    while block is heading and (follower := heading.getnext()) is not None and _is_list_of_links(follower):
        follower.drop_tree()
        followed = True
    if followed or block is not heading:
        _drop_with_label(block)


def _drop_with_label(element: Element) -> None:
    """With the heading before it that announces it and nothing else: "To miss nothing of the vote:"."""
    label, follower, around = element.getprevious(), element.getnext(), element.getparent()
    element.drop_tree()
    if around.tag in ("ul", "ol") and not len(around) and not (around.text or "").strip():
        _drop_with_label(around)
        return
    if label is None or not _announces(label):
        return
    if follower is None or follower.tag in _TITLES or is_only_link(follower):
        label.drop_tree()


def _announces(element: Element) -> bool:
    """A heading, or a short line in bold, that ends in a colon."""
    text = _short_text(element)
    if not text.endswith((":", "：")) or element.find(".//a") is not None:
        return False
    bold = sum(_letters(each.text_content()) for each in element.iter("strong", "b"))
    return element.tag in _TITLES or (element.tag == "p" and bold >= _letters(text))


def _is_list_of_text(element: Element) -> bool:
    """Whether most of its items say something: then those that are links belong to it, too."""
    items = element.findall("li")
    return sum(not is_only_link(item) for item in items) * 2 >= max(1, len(items))


def _opens_its_parent(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent[0] is element and not (parent.text or "").strip()


def _is_list_of_links(element: Element) -> bool:
    """A block behind a marker that belongs to it: links, and excerpts of what they lead to."""
    if element.tag in _NEVER or element.find(".//h1") is not None or element.find(".//a") is None:
        return False
    return is_only_link(element) or (element.tag != "p" and _free_text(element) < LONG_PARAGRAPH)


def is_only_link(element: Element) -> bool:
    """A line whose every letter is a link's: a teaser, not a sentence. In a list a short kicker may stand before it."""
    if element.find(".//a") is None or (element.getparent() is not None and element.getparent().tag == "h1"):
        return False
    linked = sum(_letters(link.text_content()) for link in element.iter("a"))
    free = _letters(element.text_content()) - linked
    return linked > 0 and (free <= 0 or (element.tag == "li" and free <= KICKER and linked >= 2 * free))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _points_elsewhere(element: Element) -> bool:
    """ "Lire aussi : <a>...</a>", or without the colon where most of it is the link."""
    if element.find(".//a") is None:
        return False
    text = element.text_content().strip()
    if len(text) > MARKED_LINE or not OPENS.match(text):
        return False
    linked = sum(_letters(link.text_content()) for link in element.iter("a"))
    return linked * 2 >= _letters(text) or OPENS_PLAIN.match(text) is not None
