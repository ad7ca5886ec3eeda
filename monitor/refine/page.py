"""Whether what came from an article's address is the article. Called by `refine` with the page's bytes.

A login form, a captcha, a consent screen or the front page answers 200 as the article does; the feed's own text is
then better than theirs. Errs to the page: it is refused only for less text than the feed has, or for another subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.errors import ParseError
from monitor.refine.extraction import extract
from monitor.refine.facts import Extract
from monitor.text.tokens import tokenise

STUB_WORDS = 120  # what is longer is no login page, whatever it mentions
STUB_FACTOR = 1.5  # a teaser behind a paywall is taken where it is so much longer than the feed's
TELLING_LETTERS = 4  # shorter words are in every text
FEWEST_TELLING = 4
SHARED = 0.2  # of the feed's telling words at least

SUBSCRIBERS = "page for subscribers"
BEGINNING = "only its beginning, the rest is for subscribers"

# What a page says instead of an article
_STUBS = (
    (
        "captcha",
        re.compile(
            r"captcha|verify (?:that )?you are (?:a )?human|are you a robot|checking your browser|unusual traffic|"
            r"vérifi\w+ que vous (?:êtes|n.êtes)|no soy un robot|je ne suis pas un robot|لست روبوت|ray id",
            re.IGNORECASE,
        ),
    ),
    (
        "login page",
        re.compile(
            r"(?:log|sign) ?in (?:to|with|or)|please (?:log|sign) in|forgot(?:ten)? (?:your )?password|"
            r"mot de passe oublié|connectez-vous|se connecter|iniciar sesión|inicie sesión|contraseña|تسجيل الدخول|كلمة المرور",
            re.IGNORECASE,
        ),
    ),
    (
        SUBSCRIBERS,
        re.compile(
            r"subscribe to (?:continue|read)|(?:for|to) subscribers|already a subscriber|réservé aux abonnés|"
            r"abonnez-vous pour|déjà abonné|para suscriptores|suscríbete para|للمشتركين",
            re.IGNORECASE,
        ),
    ),
    (
        "refusal",
        re.compile(
            r"access denied|forbidden|enable (?:javascript|cookies)|activer (?:javascript|les cookies)|"
            r"accès refusé|acceso denegado|not available in your (?:country|region)|page not found|page introuvable",
            re.IGNORECASE,
        ),
    ),
)


NOTHING = Extract()


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as read; `usable` says whether its body is the article's, `note` why not."""

    extract: Extract = NOTHING
    usable: bool = False
    note: str = ""


def read_page(
    page: bytes, url: str | None, charset: str | None, title: str, feed_text: str, selector: str | None = None
) -> PageText:
    """Extract, and judge against what the feed says of the article (plain text). `selector` is the source's `article`."""
    try:
        found = extract(page, url, charset, selector)
    except ParseError as error:
        return PageText(note=f"page: {error}")
    fault = _fault(found, title, feed_text)
    if fault.startswith("not this article"):
        return PageText(note=f"page: {fault}")  # its date and authors are another's too
    told = fault or (BEGINNING if found.walled else "")
    notes = [f"page: {note}" for note in (found.note, told) if note]
    return PageText(found, usable=not fault, note="; ".join(notes))


def _fault(found: Extract, title: str, feed_text: str) -> str:
    """Why the page's text is not taken; "" where it is."""
    words = len(tokenise(found.body))
    if not words:
        return "no article in it"
    stub = _stub(found) if words < STUB_WORDS else ""
    stub = stub or (SUBSCRIBERS if found.walled else "")
    if not _same_subject(found, f"{title}\n{feed_text}", suspicious=bool(stub)):
        return f"not this article but a {stub}" if stub else "not this article"
    if words < len(tokenise(feed_text)) * (STUB_FACTOR if stub else 1):
        return f"a {stub}" if stub else "shorter than the text of the feed"
    return ""


def _stub(found: Extract) -> str:
    text = f"{found.title}\n{found.body}"
    return next((name for name, pattern in _STUBS if pattern.search(text)), "")


def _same_subject(found: Extract, stated: str, *, suspicious: bool) -> bool:
    """Whether the page has some of the words that the feed has. Few words prove nothing against it, unless it is
    suspicious anyway."""
    telling = _telling(stated)
    shared = len(telling & _telling(f"{found.title}\n{found.body}"))
    if len(telling) < FEWEST_TELLING:
        return shared > 0 or not suspicious
    return shared >= SHARED * len(telling)


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in tokenise(text).words if len(word) >= TELLING_LETTERS)
