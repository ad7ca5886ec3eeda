"""Article -> Verdict, pure: what matches, which story it belongs to, who is told. No I/O, no clock, no randomness.

query/        the query language: text <-> expression (settings uses it too)
rules         watchlists, entities, recipients, routes, compiled
clues         what must stand in an article for an expression to hold
index         which watchlists hold in an article, without looking at each
operators/    what a compiled expression finds in a `reading` of an article
matching      matching_watchlists: which; find_matches: with their hits in the original text
traits        an article as its later relatives are compared with it; fingerprint, profile, provenance
placing       the same article, a copy of one, part of a story; copies, stories, likeness
window        the live window in memory, for `monitor cluster`
verdict       judge: identity, story, matches, `routing` in one value
routing       who hears of a match through which route; `timing` when (`clocks`), `silencing` who not
wanted        what of an alert that waited is still to be told
editions      what a story's growth adds to an alert
explanation   explain: the expression as a tree with what held and by how much
lint          what a watchlist says and can hardly mean
"""

from monitor.judge.explanation import Explanation, explain
from monitor.judge.matching import find_matches, matching_watchlists
from monitor.judge.placing import place
from monitor.judge.provenance import sentence, spread
from monitor.judge.rules import Rules, compile_rules, dismantle
from monitor.judge.traits import traits, traits_of
from monitor.judge.verdict import judge
from monitor.judge.wanted import still_to_tell
from monitor.judge.window import Window

__all__ = [
    "Explanation",
    "Rules",
    "Window",
    "compile_rules",
    "dismantle",
    "explain",
    "find_matches",
    "judge",
    "matching_watchlists",
    "place",
    "sentence",
    "spread",
    "still_to_tell",
    "traits",
    "traits_of",
]
