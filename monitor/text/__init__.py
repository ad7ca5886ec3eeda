"""What a word is: one meaning for articles and queries alike. Pure; imported by every room that compares text.

fold(text) -> str            the folded words with one space between
tokenise(text) -> Tokens     words with their places in the original, sentences, paragraphs
Words(text)                  the same words at once, their places and borders when asked
readings(word)               what an Arabic word may be once its proclitics are taken off
"""

from monitor.text.arabic import inner_readings, readings, without_proclitics
from monitor.text.scan import BORDER
from monitor.text.tokens import Tokens, Words, as_written, fold, tokenise

__all__ = [
    "BORDER",
    "Tokens",
    "Words",
    "as_written",
    "fold",
    "inner_readings",
    "readings",
    "tokenise",
    "without_proclitics",
]
