"""The words that the query language keeps for itself."""

from __future__ import annotations

from monitor.judge.query.tree import FIELDS, SOURCE_FACTS

PREFIXES = (*FIELDS, *SOURCE_FACTS, "case", "exact", "stem", "entity", "watchlist")  # before a colon
UNITS = {"SENTENCE": "sentence", "PARAGRAPH": "paragraph"}  # before arguments in brackets
NUMBERED = ("NEAR", "ONEAR", "NOTNEAR", "ATLEAST", "FIRST", "SCORE")  # before /n and arguments
WORD_OPERATORS = ("AND", "OR", "NOT", "OF")
RESERVED = frozenset((*UNITS, *NUMBERED, *WORD_OPERATORS))
