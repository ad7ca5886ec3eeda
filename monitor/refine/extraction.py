"""The article in an HTML page. Called by refine for sources with full text, and by `monitor extract`.

trafilatura finds the body and most facts; around it we decode, take off what stands beside the article (`pruning`), and
read the facts that pages state for machines. Pure; meant for a worker process, since a hostile page can be slow.
"""

from __future__ import annotations

import copy
import re
from configparser import ConfigParser
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import trafilatura
from trafilatura.settings import DEFAULT_CONFIG

from monitor.errors import ParseError
from monitor.refine import paywall, pdf
from monitor.refine.authors import authors_of
from monitor.refine.facts import Extract
from monitor.refine.frame import credited, unframed
from monitor.refine.kind import other_than_article
from monitor.refine.markup import Element, bounded, decode, is_markup, letters, parse_page, tree_text
from monitor.refine.metadata import published_of, title_of
from monitor.refine.pruning import article_lines, drop_beside, prune
from monitor.refine.sanitise import BODY_LIMIT, clean_line, cut, tidy
from monitor.refine.sections import demote, with_headings
from monitor.refine.standfirst import standfirst_of
from monitor.text.language import detect, language_tag

# Under its own limit of 250 characters trafilatura takes all text of a page for the article. So a short result is read
# again with a lower limit, which long articles would pay for with their lead.
SHORT = 400
FEWEST_CHARACTERS = "100"
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]",
    re.DOTALL,
)
_MARKS = {
    b"\x89PNG": "an image",
    b"\xff\xd8": "an image",
    b"GIF8": "an image",
    b"PK": "an archive",
    b"{": "a JSON document",
}
_BULLET = re.compile(r"^[-•*▪●]\s+(.*?)(?:\s-)?$")


def extract(
    html: bytes, url: str | None = None, charset: str | None = None, selector: str | None = None
) -> Extract:
    """The article in a page; its parts are empty where there are none. `charset` is what the HTTP header said.

    `selector` (CSS) names the elements that hold the body, where the operator knows better. A PDF is read too, if pypdf
    is installed. Raises ParseError for what is neither, saying what it seems to be.
    """
    if pdf.recognise(html):
        return pdf.extract(html, url)
    text = bounded(decode(html, charset))
    tree = parse_page(text) if is_markup(text) else None
    if tree is None or _FEED.match(text):
        raise ParseError(f"not an HTML page but {_kind_of(html, text)}")
    facts = _facts(tree, url)
    title = clean_line(title_of(tree) or facts.title or "")
    said = language_tag(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    canonical = _canonical(tree, url)
    chosen = _chosen(tree, selector) if selector else ""
    lines = _lines(chosen, title) if chosen else _body(tree, title)
    authors = authors_of(tree, facts.author, canonical, credited(lines))
    body = "\n".join(unframed(lines, tree, title, authors))
    if not chosen and (standfirst := standfirst_of(tree, body, title)):
        body = f"{standfirst}\n{body}"
    free = paywall.before_wall(cut(body, BODY_LIMIT))
    missed = f"nothing in it matches article: {selector}" if selector and not chosen else ""
    return Extract(
        title=title,
        body=free,
        published=published_of(tree, facts.date),
        language=detect(f"{title}\n{free}", said),
        authors=authors,
        canonical=canonical,
        walled=len(free) < len(body) or paywall.stands_before(tree, free),
        note="; ".join(note for note in (missed, other_than_article(tree, free)) if note),
    )


def _chosen(tree: Element, selector: str) -> str:
    """The text of what the selector matches; what stands beside an article goes from within it, too."""
    found = tree.cssselect(selector)
    outermost = [each for each in found if not any(above in found for above in each.iterancestors())]
    texts = []
    for element in map(copy.deepcopy, outermost):
        element.tail = None
        prune(element)
        texts.append(tidy(tree_text(element)))
    return "\n".join(text for text in texts if text)


def _kind_of(body: bytes, text: str) -> str:
    if not body.strip():
        return "nothing: it is empty"
    if _FEED.match(text):
        return "a feed or sitemap: read it with `monitor parse`"
    for mark, name in _MARKS.items():
        if body.lstrip()[:8].startswith(mark):
            return name
    return "binary data" if b"\x00" in body[:1000] else "plain text"


def _facts(tree: Element, url: str | None) -> Any:
    """trafilatura's reading of title, day and author, from what is not beside the article."""
    own = copy.deepcopy(tree)
    drop_beside(own)
    return trafilatura.extract_metadata(own, url, extensive=False)


def _pruned(tree: Element) -> Element:
    pruned = copy.deepcopy(tree)
    prune(pruned)
    return pruned


def _body(tree: Element, title: str) -> list[str]:
    """The article line by line. Where nothing is left after pruning, the page is nothing but links: read it unpruned."""
    pruned = _pruned(tree)
    demote(pruned, title)
    text = _text(copy.deepcopy(pruned)) or _text(tree)
    return with_headings(_lines(text, title), pruned)


def _text(tree: Element) -> str:
    text = _read(tree, DEFAULT_CONFIG)
    return text if len(text) >= SHORT else _read(tree, _config_for_briefs()) or text


def _lines(text: str, title: str) -> list[str]:
    """The paragraphs of the article, without its title and what leads elsewhere."""
    lines = [_BULLET.sub(r"\1", line) for line in article_lines(text)]
    while lines and letters(lines[0]) in {"", letters(title)}:
        lines = lines[1:]
    return lines


def _read(tree: Element, config: ConfigParser) -> str:
    found: Any = trafilatura.bare_extraction(tree, include_comments=False, config=config)
    return tidy(found.text or "") if found is not None else ""


@cache
def _config_for_briefs() -> ConfigParser:
    config = copy.deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", FEWEST_CHARACTERS)
    return config


def _canonical(tree: Element, url: str | None) -> str | None:
    """The address that the page calls its own, absolute; `url` where it states none that can be one."""
    stated = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    for address in stated:
        try:
            whole = urljoin(url or "", str(address).strip())
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.netloc:
            return whole
    return url
