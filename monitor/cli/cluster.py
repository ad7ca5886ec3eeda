"""`monitor cluster`: duplicates and stories as a filter. Decides as the daemon does, remembers 72 hours, records nothing."""

from __future__ import annotations

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
    story's last article opens a new one. Exits with 1 when a line could not be read.
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
        duplicate_of, story = clusters.place(given)
        print_json({"id": given.id, "duplicate_of": duplicate_of, "story": story}, line=True)
    return EXIT_FAILED if bad else EXIT_OK


class _Clusters:
    """The window, and the ids that the file gives its articles."""

    def __init__(self) -> None:
        from monitor.judge import Window

        self.window = Window()
        self.names: dict[int, str | int] = {}
        self.now = EPOCH

    def place(self, given: GivenArticle) -> tuple[str | int | None, str | int]:
        """The ids of the original that the article copies (None if it is one) and of its story's first article."""
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
            return self.names[known.duplicate_of or known.id], self.names[known.story_id]
        known = self.window.add(article, found, verdict.story, verdict.duplicate_of)
        self.names[known.id] = given.id
        original = self.names[known.duplicate_of] if known.duplicate_of is not None else None
        return original, self.names[known.story_id]
