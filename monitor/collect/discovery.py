"""Which feeds, news sitemaps and APIs an outlet has: `discover`. Called by `monitor sources add`.

    the address -> its page's links -> robots.txt -> sitemaps -> the WordPress API -> the usual paths

Reads through the guarded fetcher and parses in workers, as the daemon does; asks at most `MOST_REQUESTS` times, one at
a time. A site that refuses its page to robots is still asked for its sitemaps and API: many serve those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from monitor.collect.clues import Clues, read_clues
from monitor.collect.fetch import Fetcher, charset_of
from monitor.collect.parse import parse
from monitor.errors import NotAFeed, ParseError, WorkerFailed
from monitor.model import FailureKind, Feed, Request, Response, SourceKind
from monitor.workers import Workers

MOST_REQUESTS = 30
DEADLINE = 10.0  # seconds for one document's parsing
FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default")
SITEMAP_PATHS = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
)
POSTS = "wp/v2/posts"
PAGE = "per_page=50&_embed=author"
MOST_FEEDS = 8
MOST_SITEMAPS = 6
CHILDREN = 3  # of a sitemap index
SAME = 0.8  # share of one document's items that another has: the same list in another dress
HOPELESS = (FailureKind.NAME, FailureKind.CONNECT, FailureKind.TLS, FailureKind.REFUSED)
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_COMMENTS = re.compile(r"comment(?:s|aires)?(?:/|=|$)", re.IGNORECASE)
_DATED = re.compile(r"20\d\d|\d{5,}|[-_/]\d+\.xml")


@dataclass(frozen=True, slots=True)
class Found:
    """A document that lists articles. `url` is the address to watch."""

    url: str
    kind: SourceKind
    feed: Feed


@dataclass(slots=True)
class Discovery:
    """What was found, in the order of finding; `notes` say what stood in the way, `error` why nothing could be asked."""

    url: str
    itself: bool = False  # the address is a feed, sitemap or API
    clues: Clues | None = None
    found: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    requests: int = 0


async def discover(url: str, fetcher: Fetcher, workers: Workers) -> Discovery:
    """Look around at `url` (http or https). Raises nothing for what the site does."""
    search = _Search(fetcher, workers, Discovery(url))
    await search.start()
    if not search.result.error and not search.result.itself:
        await search.feeds()
        await search.sitemaps()
        await search.wordpress()
        await search.usual_paths()
    return search.result


@dataclass(slots=True)
class _Search:
    fetcher: Fetcher
    workers: Workers
    result: Discovery
    asked: set[str] = field(default_factory=set)
    thin: list[Found] = field(default_factory=list)  # sitemaps without headlines: better than nothing

    async def start(self) -> None:
        result = self.result
        response = await self._fetch(result.url)
        assert response is not None  # it is the first request
        if response.failure:
            if response.failure.kind in HOPELESS:
                result.error = response.failure.message
            else:
                result.notes.append(f"{result.url}: {response.failure.message}")
            return
        try:
            feed = await self._parse(response)
        except NotAFeed as error:
            result.clues = await self._clues(response)
            if error.blocked:
                result.notes.append(f"{result.url}: {str(error).removeprefix('not a feed: ')}")
        except (ParseError, WorkerFailed) as error:
            result.notes.append(f"{result.url}: {error}")
        else:
            result.itself = True
            result.found.append(Found(result.url, _kind(feed), feed))

    async def feeds(self) -> None:
        """Those that the page announces, without the feeds of its comments."""
        announced = self.result.clues.feeds if self.result.clues else ()
        for url in [each for each in announced if not _COMMENTS.search(urlsplit(each).path)][:MOST_FEEDS]:
            await self._try(url)

    async def sitemaps(self) -> None:
        """News sitemaps, from robots.txt or where they usually are, through an index too."""
        robots = await self._fetch(self._at("/robots.txt"))
        named = self._named(robots) if robots and not robots.failure else []
        for url in (named or [self._at(path) for path in SITEMAP_PATHS])[:MOST_SITEMAPS]:
            await self._sitemap(url)
            if any(each.kind is SourceKind.NEWS_SITEMAP for each in self.result.found):
                break

    async def wordpress(self) -> None:
        clues = self.result.clues
        root = clues.api if clues else None
        if root or (clues and clues.wordpress) or not self.result.found:
            await self._try(_posts(root or self._at("/wp-json/")), SourceKind.WORDPRESS, quiet=root is None)

    async def usual_paths(self) -> None:
        """Only where nothing announces a feed; then a sitemap without headlines, where there is nothing else at all."""
        if not any(each.kind is SourceKind.FEED for each in self.result.found):
            for path in FEED_PATHS:
                if await self._try(self._at(path), quiet=True):
                    break
        if not self.result.found:
            self.result.found += self.thin[:1]

    async def _sitemap(self, url: str) -> None:
        feed = await self._read(url, SourceKind.NEWS_SITEMAP, quiet=True)
        if feed is None:
            return
        self._keep_sitemap(url, feed)
        for child in news_first(feed.links)[:CHILDREN] if not feed.items else ():
            part = await self._read(child, SourceKind.NEWS_SITEMAP, quiet=True)
            # a sitemap of one month is empty in the next: its index is what lasts
            if part and self._keep_sitemap(url if _DATED.search(urlsplit(child).path) else child, part):
                break

    def _keep_sitemap(self, url: str, feed: Feed) -> bool:
        found = Found(url, SourceKind.NEWS_SITEMAP, feed)
        titled = sum(bool(item.title) for item in feed.items)
        if feed.items and titled * 2 >= len(feed.items):
            self._keep(found)
            return True
        if feed.items:
            self.thin.append(found)
        return False

    async def _try(self, url: str, kind: SourceKind = SourceKind.FEED, *, quiet: bool = False) -> bool:
        feed = await self._read(url, kind, quiet=quiet)
        if feed is not None and feed.items:
            self._keep(Found(url, kind if kind is SourceKind.WORDPRESS else _kind(feed), feed))
            return True
        if feed is not None and not quiet:
            self.result.notes.append(f"{url}: it holds no item")
        return False

    def _keep(self, found: Found) -> None:
        mine = {item.url for item in found.feed.items}
        for other in self.result.found:
            same = mine & {item.url for item in other.feed.items}
            if other.kind is found.kind and len(same) >= SAME * len(mine):
                return
        self.result.found.append(found)

    async def _read(self, url: str, kind: SourceKind, *, quiet: bool) -> Feed | None:
        """A document, or None; why it could not be read is told unless the address was only a guess."""
        response = await self._fetch(url)
        if response is None:
            return None
        said = response.failure.message if response.failure else ""
        if not said:
            try:
                return await self._parse(response, kind)
            except (ParseError, WorkerFailed) as error:
                said = str(error)
        if not quiet or response.status in (401, 403, 429):
            self.result.notes.append(f"{url}: {said}")
        return None

    async def _fetch(self, url: str) -> Response | None:
        if url in self.asked or self.result.requests >= MOST_REQUESTS:
            return None
        self.asked.add(url)
        self.result.requests += 1
        # all of it as feeds are: an operator asked for this site, so robots.txt is read for its sitemaps, not for leave
        return await self.fetcher.fetch(Request(url))

    async def _parse(self, response: Response, kind: SourceKind = SourceKind.FEED) -> Feed:
        charset = charset_of(response)
        return await self.workers.run(
            parse, DEADLINE, response.body, kind, response.url, response.media_type, charset
        )

    async def _clues(self, response: Response) -> Clues | None:
        try:
            return await self.workers.run(
                read_clues, DEADLINE, response.body, response.url, charset_of(response)
            )
        except (ParseError, WorkerFailed) as error:
            self.result.notes.append(f"{response.url}: {error}")
            return None

    def _at(self, path: str) -> str:
        return urljoin(self.result.url, path)

    def _named(self, robots: Response) -> list[str]:
        """The sitemaps that robots.txt names, those of news first."""
        text = robots.body[:500_000].decode("utf-8", "replace")
        links = (urljoin(robots.url, each) for each in _SITEMAP.findall(text))
        return news_first(each for each in links if each.startswith(("http://", "https://")))


def news_first(links: Iterable[str]) -> list[str]:
    """Each once, those that call themselves news in front, sections and pictures last."""
    later = ("image", "video", "page", "category", "tag", "author")

    def rank(url: str) -> int:
        path = urlsplit(url).path.lower()
        return 0 if "news" in path else 2 if any(word in path for word in later) else 1

    return sorted(dict.fromkeys(links), key=rank)


def _kind(feed: Feed) -> SourceKind:
    kinds = {"news-sitemap": SourceKind.NEWS_SITEMAP, "sitemap-index": SourceKind.NEWS_SITEMAP}
    return SourceKind.WORDPRESS if feed.kind == "wordpress" else kinds.get(feed.kind, SourceKind.FEED)


def _posts(root: str) -> str:
    """The address of the posts under an API's root, which may be a query: /?rest_route=/."""
    if "rest_route=" in root:
        return f"{root.rstrip('/')}/{POSTS}&{PAGE}"
    return f"{root.rstrip('/')}/{POSTS}?{PAGE}"
