"""Compiled queries: one class an operator, each finding things in a `Reading`. Built by `judge.rules`, pure."""
