"""What every operator of a compiled query can do. One module a family of operators; `compiling` builds them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from monitor.judge.reading import FieldText, Found, Reading, Scope, mentions

Run = tuple[int, int]

MISSING = "not found"


class Operator(ABC):
    """A node of a compiled query. Never changes once compiled; what it finds depends on the reading and the scope alone."""

    label: str = ""  # how a line of an explanation names it
    text: str = ""  # its query text, shortened, for sentences about it; set by the compiler
    children: tuple[Operator, ...] = ()
    height: int = 1  # levels of operators, this one included; set by the compiler

    def find(self, reading: Reading, scope: Scope) -> Found:
        """What it finds; asked twice of one reading, it is looked for once."""
        key = (id(self), scope)
        known = reading.memory.get(key)
        if known is None:
            known = reading.memory[key] = self.search(reading, scope)
        return known

    def holds(self, reading: Reading, scope: Scope) -> bool:
        """Whether it finds anything; cheaper than to find it where no places are needed."""
        return self.find(reading, scope).held

    def runs(self, text: FieldText) -> list[Run] | None:
        """First and last word of each place in one field, in no order; None where that is no quicker than `find`."""
        return None

    @abstractmethod
    def search(self, reading: Reading, scope: Scope) -> Found: ...

    def scope_of_children(self, scope: Scope) -> Scope:
        return scope

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        """In words: how much was found, or by how much it failed."""
        if not result.held:
            return MISSING if not self.children else ""
        count = mentions(result.spans)
        return "" if not count else "found once" if count == 1 else f"found {count} times"
