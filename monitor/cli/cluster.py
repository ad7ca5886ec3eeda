"""`monitor cluster`: duplicates and stories as a filter. Decides as the daemon does, remembers 72 hours, records nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click

from monitor.cli.articles import BadLine, GivenArticle, read_lines
from monitor.cli.output import print_json
from monitor.errors import EXIT_FAILED, EXIT_OK

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
def cluster(files: tuple[str, ...]) -> int:
    """Group articles (JSON Lines) into duplicates and stories.

    Reads one article a line from FILE, or from standard input, in order of publication: {"id", "title", "body"} and, where
    known, "url", "lang", "source", "published". Prints one line an article: {"id", "duplicate_of", "story"}; both name the
    first article of the group, duplicate_of is null for an original. What is published more than 72 hours after a
    story's last article opens a new one. Prints when all is read, for a later article may show that two stories are one.
    Exits with 1 when a line could not be read.
    """
    from monitor.text.vectors import missing

    if notice := missing():
        click.echo(f"monitor: {notice}", err=True)
    bad = 0
    clusters = _Clusters()
    for given in read_lines(files):
        if isinstance(given, BadLine):
            click.echo(f"monitor: {given.message}", err=True)
            bad += 1
            continue
        clusters.place(given)
    for id, duplicate_of, story in clusters.placed():
        print_json({"id": id, "duplicate_of": duplicate_of, "story": story}, line=True)
    return EXIT_FAILED if bad else EXIT_OK


class _Clusters:
    """The window, and the ids that the file gives its articles."""

    def __init__(self) -> None:
        from monitor.judge import Window

        self.window = Window()
        self.names: dict[int, str | int] = {}
        self.now = EPOCH
        self._placed: list[tuple[str | int, int | None, int]] = []

    def placed(self) -> Iterator[tuple[str | int, str | int | None, str | int]]:
        """Of each article its id, that of the original that it copies (None if it is one), and that of its story's first
        article; in the order in which they came."""
        for id, original, story in self._placed:
            first = self.names[self.window.story_of(story)]
            yield id, None if original is None else self.names[original], first

    def place(self, given: GivenArticle) -> None:
        from monitor.judge import place, traits
        from monitor.refine import url_key

        # where a line comes too late in the file its article still arrives now
        self.now = max(self.now, given.article.published or self.now)
        key = url_key(given.article.url) if given.article.url else f"id:{given.id}"
        article = replace(given.article, key=key, first_seen=self.now)
        found = traits(article)
        candidates = self.window.candidates(article, found, self.now)
        verdict = place(article, candidates, found)
        if verdict.same_as is not None:
            known = self.window.again(verdict.same_as)
            self._placed.append((given.id, known.duplicate_of or known.id, known.story_id))
            return
        known = self.window.add(article, found, verdict.story, verdict.duplicate_of, verdict.merges)
        self.names[known.id] = given.id
        self._placed.append((given.id, known.duplicate_of, known.story_id))
