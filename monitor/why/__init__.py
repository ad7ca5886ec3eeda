"""Why a recipient got an article, or why not: the one question that every part of the program answers a bit of.

    why(store, rules, asked) -> Told      the article, its sources, and the answers, the worst fact first
    answers     what one answer is, and their order
    sources     of an address that is not stored: how the sources of its host are
    articles    of a stored article: how it was read, and what it is a copy of
    letters     of a digest's or spike's reference: what became of it, and which articles it told of
    recipients  of a recipient: which terms failed and by how much, who decided what, and what became of the delivery
    words       Reason and DeliveryState -> sentence

Reads the store and today's rules; changes nothing. Called by the command of the same name.
"""

from monitor.why.answers import Answer
from monitor.why.question import Told, why

__all__ = ["Answer", "Told", "why"]
