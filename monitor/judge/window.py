"""The live window in memory: the articles of the last 72 hours, found as the store finds them (`text.nearness`).

For `monitor cluster` and the benchmarks, which record nothing. The daemon asks the store instead; a test holds that both
bring the same candidates. Memory is bounded by what arrives in 72 hours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.model import Article, Candidates, KnownArticle, Member, Story, StoryNear, Traits
from monitor.text import nearness

LIVE = timedelta(hours=72)


@dataclass(slots=True)
class _Held:
    known: KnownArticle
    traits: Traits


@dataclass(slots=True)
class _Postings:
    """hash -> the newest live articles that have it."""

    ids: dict[int, deque[int]] = field(default_factory=dict)

    def add(self, article: int, hashes: Iterable[int]) -> None:
        for each in hashes:
            self.ids.setdefault(each, deque(maxlen=nearness.POSTINGS)).append(article)

    def drop(self, article: int, hashes: Iterable[int]) -> None:
        for each in hashes:
            held = self.ids.get(each)
            if held and held[0] == article:
                held.popleft()
            if not held:
                self.ids.pop(each, None)

    def of(self, hashes: Iterable[int]) -> dict[int, list[int]]:
        return {each: list(self.ids[each]) for each in hashes if each in self.ids}


class Window:
    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._order: deque[int] = deque()  # by arrival
        self._keys: dict[str, int] = {}
        self._sketches = _Postings()
        self._handles = _Postings()
        self._members: dict[int, list[int]] = {}  # story -> its live articles
        self._last: dict[int, datetime] = {}
        self._merged: dict[int, int] = {}  # story -> the one that it was merged into
        self._count = 0

    def candidates(self, article: Article, traits: Traits, now: datetime) -> Candidates:
        """`now` never goes back between two calls; what is older than 72 hours by then is forgotten."""
        self._expire(now)
        same = self._keys.get(article.key)
        near = [self._held[id].known for id in nearness.copies(self._sketches.of(traits.sketch))]
        here = {each.id for each in near}
        originals = (
            each.duplicate_of
            for each in near
            if each.duplicate_of in self._held and each.duplicate_of not in here
        )
        near += [self._held[id].known for id in dict.fromkeys(originals) if id is not None]
        kin = tuple(self._kin(traits))
        return Candidates(
            same=self._held[same].known if same is not None else None,
            stories=tuple(each.story for each in kin),
            near=tuple(near),
            kin=kin,
        )

    def add(
        self,
        article: Article,
        traits: Traits,
        story: int | None,
        duplicate_of: int | None,
        merges: Sequence[int] = (),
    ) -> KnownArticle:
        """What was decided about a new article. A story without a number takes the article's."""
        if story is not None and merges:
            story = self._merge(story, merges)
        self._count += 1
        known = KnownArticle(self._count, article, self._count if story is None else story, duplicate_of)
        self._held[known.id] = _Held(known, traits)
        self._order.append(known.id)
        self._keys[article.key] = known.id
        self._sketches.add(known.id, traits.sketch)
        self._handles.add(known.id, traits.handles)
        self._members.setdefault(known.story_id, []).append(known.id)
        self._last[known.story_id] = article.first_seen
        return known

    @property
    def size(self) -> int:
        """How many hashes and articles are remembered."""
        return len(self._held) + len(self._sketches.ids) + len(self._handles.ids)

    def story_of(self, story: int) -> int:
        """The story itself, or the one that it was merged into."""
        while story in self._merged:
            story = self._merged[story]
        return story

    def _merge(self, story: int, others: Sequence[int]) -> int:
        """All articles of these stories into the oldest of them; its number."""
        into, *gone = sorted({self.story_of(each) for each in (story, *others)})
        for each in gone:
            self._merged[each] = into
            moved = self._members.pop(each)
            for id in moved:
                self._held[id].known = replace(self._held[id].known, story_id=into)
            self._members[into] = sorted((*self._members[into], *moved))
            self._last[into] = max(self._last[into], self._last.pop(each))
        return into

    def again(self, id: int) -> KnownArticle:
        """The article that came again."""
        return self._held[id].known

    def _kin(self, traits: Traits) -> Iterable[StoryNear]:
        found = nearness.relatives(self._handles.of(traits.handles))
        stories = dict.fromkeys(self._held[id].known.story_id for id in found)
        for story in list(stories)[: nearness.STORIES]:
            members = [
                id
                for id in self._members[story]
                if self._held[id].known.duplicate_of is None and self._held[id].traits.profile
            ]
            if members:
                told = Story(story, members[0], articles=len(self._members[story]))
                chosen = tuple(self._member(id) for id in nearness.sample(members, found))
                yield StoryNear(told, chosen, self._last[story])

    def _member(self, id: int) -> Member:
        held = self._held[id]
        article = held.known.article
        return Member(
            id,
            article.source_id,
            article.title,
            article.published or article.first_seen,
            held.traits.profile,
        )

    def _expire(self, now: datetime) -> None:
        while self._order and self._held[self._order[0]].known.article.first_seen < now - LIVE:
            id = self._order.popleft()
            gone = self._held.pop(id)
            self._sketches.drop(id, gone.traits.sketch)
            self._handles.drop(id, gone.traits.handles)
            if self._keys.get(gone.known.article.key) == id:
                del self._keys[gone.known.article.key]
            members = self._members[gone.known.story_id]
            members.remove(id)
            if not members:
                del self._members[gone.known.story_id], self._last[gone.known.story_id]
