"""The WordPress API's list of posts (/wp-json/wp/v2/posts): for outlets whose RSS refuses robots. Pure; called by `parse`.

`_embed` in the address brings the authors' names. An item's id is the post's guid, which is also the guid in the outlet's RSS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.collect.xmlfeed import plain_title
from monitor.errors import NotAFeed
from monitor.model import Feed, Item

MAX_POSTS = bounds.MAX_ITEMS  # the API gives 100 at most, the newest first


def recognise(value: object) -> bool:
    """Whether a JSON document is one of this API's: posts, or its error."""
    if isinstance(value, dict):
        return isinstance(value.get("code"), str) and "message" in value and "items" not in value
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(post, dict) and "title" in post for post in value[:3])
    )


def read(value: object, url: str) -> Feed:
    """The posts. Raises NotAFeed with the API's own words where it answers with an error."""
    if isinstance(value, dict) and "code" in value:
        blocked = value["code"] in ("rest_forbidden", "rest_not_logged_in", "rest_login_required")
        raise NotAFeed(
            f"the WordPress API refuses: {bounds.clean(value.get('message'))[:200]} ({value['code']})",
            blocked,
        )
    if not isinstance(value, list):
        raise NotAFeed("not a feed: not the WordPress API's list of posts")
    items = [_item(post, url) for post in value[:MAX_POSTS] if isinstance(post, dict)]
    cut = (
        f"too many posts: the first {MAX_POSTS} of {len(value):,} were read"
        if len(value) > MAX_POSTS
        else None
    )
    return bounds.feed("wordpress", "", items, [cut])


def _item(post: Mapping[str, Any], url: str) -> Item:
    return Item(
        id=_rendered(post.get("guid")) or (str(post["id"]) if isinstance(post.get("id"), int) else None),
        url=bounds.link(url, post.get("link")),
        title=plain_title(_rendered(post.get("title"))),
        summary=_rendered(post.get("excerpt")),
        content=_rendered(post.get("content")),
        published=read_date(post.get("date_gmt")) or read_date(post.get("date")),
        authors=bounds.authors(_authors(post)),
        language=post.get("lang") if isinstance(post.get("lang"), str) else None,
    )


def _rendered(field: object) -> str:
    return bounds.clean(field.get("rendered") if isinstance(field, dict) else field)


def _authors(post: Mapping[str, Any]) -> list[object]:
    embedded = post.get("_embedded")
    people = embedded.get("author") if isinstance(embedded, dict) else None
    return (
        [person.get("name") for person in people if isinstance(person, dict)]
        if isinstance(people, list)
        else []
    )
