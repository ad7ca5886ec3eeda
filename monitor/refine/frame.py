"""The short lines that pages set around a text: byline, date, path of sections and the title again above it, below it how to
follow the outlet. Called by extract with the body's lines, once its title and authors are known.

Looks at the first and last few lines only, and takes none that could be a sentence: better a byline too many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.refine.markup import Element, letters, named

OPENING, CLOSING = 6, 3  # lines
LONGEST = 120  # characters of a byline
NOTE = 300  # characters of a closing note
_JOINING = frozenset({"", "et", "and", "y", "و"})

BY = re.compile(
    r"^(?:(?:propos recueillis |recueilli )?par|por|by|auteur|autor|author|texte|source|fuente|بقلم|كتبت?)\b\s*:?\s+",
    re.IGNORECASE,
)
# What the Arabic press sets before the name of who wrote or asked
_CREDIT = re.compile(
    r"^(?:حوار|إعداد|اعداد|بقلم|كتبت?|تقرير|متابعة|حاوره|حاورها|أجرى الحوار)\s*:\s*(?P<name>\S.{3,40})$"
)
_MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|janv|févr|juil|sept|"
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|"
    "jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|"
    "يناير|فبراير|مارس|أبريل|ابريل|مايو|ماي|يونيو|يونيه|يوليو|يوليوز|أغسطس|غشت|سبتمبر|شتنبر|أكتوبر|نوفمبر|نونبر|ديسمبر|دجنبر|"
    "جانفي|فيفري|أفريل|جوان|جويلية|أوت"
)
DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:er|º)?(?:\s+de)?\s+(?:{_MONTHS})\.?,?(?:\s+(?:de|del))?\s+\d{{4}}|"
    rf"(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}|\d{{4}}-\d\d-\d\d)\b",
    re.IGNORECASE,
)
_AROUND_DATE = re.compile(
    r"\b(?:\d{1,2}\s*[h:]\s*\d{0,2}(?:\s*[ap]\.?m\.?)?|publiée?|posté|mise?|modifiée?|jour|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo|published|updated|posted|on|at|actualizad[oa]|publicad[oa]|"
    r"الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد|نشر|تحديث|آخر|يوم|بتاريخ|الساعة|"
    r"le|la|el|las|à|a|et|y|and|the|par|por|by|utc|gmt|cet|est)\b",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"[\s>*•→–—-]{0,3}(?:(?:puedes?|pueden) (?:escribir|seguir)|escríb[ae]nos|síguenos|sígan?os|sigue (?:a|en|toda)|suscríb[ae]|"
    r"suivez[- ](?:nous|toute)|retrouvez[- ]nous|abonnez-vous|inscrivez-vous|écrivez-nous|contactez-nous|rejoignez-nous|"
    r"follow (?:us|our)|sign up|subscribe to|join our|contact us|write to us|get in touch|"
    r"تابعونا|تابعوا|تابعنا|اشتركوا?|للتواصل|انضموا?)",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"newsletters?\b|bolet[ií]n|infolettre|lettre d.information|facebook|twitter|instagram|whats ?app|telegram|youtube|tiktok|"
    r"linkedin|google (?:news|actualités|noticias)|[\w.+-]+@[\w-]+\.\w|فيسبوك|تويتر|واتساب|واتس اب|تلغرام|تيليغرام|يوتيوب|النشرة",
    re.IGNORECASE,
)
_STEP = re.compile(r"\s+[>›»/|]\s+")
_PATH = named("breadcrumbs?|arbo|arborescence|ariane|migas")
_BYLINE = named(
    "date|dates|dateline|byline|author|authors|auteur|auteurs|autor|autores|published|publi|posted|timestamp"
)
_SIGNED = named("byline|author|authors|auteur|auteurs|autor|autores")


def unframed(lines: list[str], tree: Element, title: str, authors: tuple[str, ...]) -> list[str]:
    """The lines without the frame; as they are where nothing else would be left."""
    frame = _frame(tree, title, authors)
    kept = [line for number, line in enumerate(lines) if number >= OPENING or not _belongs(line, frame)]
    for _ in range(CLOSING):
        if len(kept) > 1 and is_closing_note(kept[-1]):
            kept = kept[:-1]
    return kept or lines


def is_closing_note(line: str) -> bool:
    """Whether it invites to write, follow or subscribe, and says where."""
    return len(line) <= NOTE and _INVITES.match(line) is not None and _CHANNEL.search(line) is not None


def credited(lines: list[str]) -> str:
    """The name in an opening line that is nothing but a credit; "" where there is none."""
    for line in lines[:OPENING]:
        found = _CREDIT.match(line.strip())
        if found and 2 <= len(found["name"].split()) <= 4 and not re.search(r"[.؟?!:،,]", found["name"]):
            return found["name"]
    return ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is known of a page's frame, as letters: see `markup.letters`."""

    title: str
    headlines: frozenset[str]  # its wordings
    paths: frozenset[str]
    names: frozenset[str]
    dated: frozenset[str]  # texts of elements that hold dates and bylines by their names
    signed: frozenset[str]  # texts beside an author's name


def _frame(tree: Element, title: str, authors: tuple[str, ...]) -> _Frame:
    names = frozenset(letters(name) for name in authors)
    headings = [letters(h.text_content()) for h in tree.iter("h1") if _says_no_more(h.text_content(), title)]
    short = [e for e in tree.iter("p", "div", "span", "time", "address", "li", "ul", "ol", "a") if _short(e)]
    return _Frame(
        letters(title),
        frozenset({letters(title), *headings} - {""}),
        frozenset(letters(e.text_content()) for e in short if _PATH(e) or _is_section(e)),
        names,
        frozenset(letters(e.text_content()) for e in short if _BYLINE(e)),
        frozenset(text for e in short if _names_author(e, names) for text in _beside(e)),
    )


def _belongs(line: str, frame: _Frame) -> bool:
    said = letters(line)
    if said in frame.headlines:
        return True
    if not said or len(line) > LONGEST:
        return False
    if (
        (said in frame.paths and line[-1].isalnum())
        or said in frame.signed
        or _is_path(line, frame)
        or credited([line])
    ):
        return True
    return _is_name(letters(BY.sub("", line)), frame) or (
        DATE.search(line) is not None and _is_dated(line, frame)
    )


def _is_path(line: str, frame: _Frame) -> bool:
    """ "Home > Section > The title" """
    parts = _STEP.split(line)
    return len(parts) > 1 and letters(parts[-1]) == frame.title


def _is_dated(line: str, frame: _Frame) -> bool:
    """A date with nothing else than names and words as "published on", or in an element that is named for it."""
    rest = letters(_AROUND_DATE.sub(" ", DATE.sub(" ", line)))
    return rest == "" or _is_name(rest, frame) or letters(line) in frame.dated


def _is_name(said: str, frame: _Frame) -> bool:
    """The authors' names and nothing else."""
    rest = said
    for name in sorted(frame.names - {""}, key=len, reverse=True):
        rest = rest.replace(name, "")
    return rest != said and rest in _JOINING


def _says_no_more(heading: str, title: str) -> bool:
    """Whether every word of an h1 is the title's: a longer wording tells something, and stays."""
    words = heading.casefold().split()
    return len(words) > 1 and set(words) <= set(title.casefold().split())


def _short(element: Element) -> bool:
    return len(element) <= 12 and 0 < len(element.text_content().strip()) <= LONGEST


def _is_section(element: Element) -> bool:
    return element.tag == "a" and bool({"category", "tag"} & set((element.get("rel") or "").lower().split()))


def _names_author(element: Element, names: frozenset[str]) -> bool:
    """By the author's own name, in a block of its own or one that is named for it: "Rabat" after it is where they write."""
    said = letters(BY.sub("", " ".join(element.text_content().split())))
    return said in names and (element.tag != "a" or _SIGNED(element))


def _beside(element: Element) -> list[str]:
    """The texts of the short block around a name."""
    while (
        (parent := element.getparent()) is not None
        and parent.tag in ("div", "p", "span", "address")
        and _short(parent)
    ):
        element = parent
    return [letters(each.text_content()) for each in element.iter("p", "span", "div", "time", "a")]
