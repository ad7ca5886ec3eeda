"""The links in digests, catch-ups and spikes: a story's own beside it, those to leave beneath, and the letter no longer for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.deliver.email import compose
from monitor.letters import message_of
from monitor.links import about, links_of, read
from monitor.model import Alert, Delivery, Digest, Links, Message, Told
from tests.build import NOON
from tests.deliver.letter_samples import ALERTS, DIGESTS, SPIKE, many
from tests.deliver.samples import make_delivery, make_desk
from tests.test_links import KEY

HOST = "monitor.example.org"
URL = f"https://{HOST}"
LANGUAGES = ("fr", "ar", "en", "es")


def carried(told: Told) -> Delivery:
    return replace(make_delivery(), alert=told, edition=0, story=None, created_at=NOON)


def letter(told: Told, language: str = "en") -> tuple[Message, Links]:
    links = links_of(carried(told), KEY, URL)
    assert links is not None
    return message_of(carried(told), make_desk(language), URL, HOST, links), links


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["digest", "catch-up"])
def test_each_story_of_a_letter_has_its_own_links_in_both_parts(name: str, language: str) -> None:
    message, links = letter(DIGESTS[name], language)
    assert len(links.answers) == len(DIGESTS[name].alerts)
    each = [url for one in links.answers for url in (one.acknowledge, one.not_relevant, one.silence_story)]
    for url in (*each, links.unsubscribe, links.unsubscribe_all):
        assert message.html.count(f'href="{url}"') == 1
        assert message.text.split().count(url) == 1
    assert message.unsubscribe == links.unsubscribe


def test_the_links_of_a_story_stand_beneath_it_and_lead_to_it() -> None:
    message, links = letter(DIGESTS["digest"])
    for alert, answer in zip(ALERTS, links.answers, strict=True):
        title = alert.article.title
        before = message.text[: message.text.index(answer.acknowledge)]
        nearest = max(ALERTS, key=lambda one: before.rfind(one.article.title))
        assert nearest.article.title == title
        token = answer.silence_story.rpartition("/")[2]
        grant = read(token, "silence-story", KEY, NOON)
        meant = about(carried(DIGESTS["digest"]), grant.place)
        assert meant is not None
        assert (meant.alert, meant.story) == (alert, 41 + ALERTS.index(alert))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DIGESTS)
def test_with_its_links_a_letter_is_below_90_kilobytes_on_the_wire(name: str, language: str) -> None:
    message, _ = letter(DIGESTS[name], language)
    mail = compose(message, "veille@example.org", "desk@example.org", HOST)
    assert len(bytes(mail)) < 90_000
    assert mail["List-Unsubscribe"] == f"<{message.unsubscribe}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_whoever_leaves_an_empty_digest_leaves_all_since_it_tells_of_none() -> None:
    message, links = letter(DIGESTS["empty"])
    assert (links.unsubscribe, links.answers) == ("", ())
    assert message.unsubscribe == links.unsubscribe_all
    assert message.text.count("/links/") == message.html.count("/links/") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spike_can_be_left_and_has_nothing_else_to_answer(language: str) -> None:
    message, links = letter(SPIKE, language)
    assert links.answers == ()
    for url in (links.unsubscribe, links.unsubscribe_all):
        assert message.html.count(f'href="{url}"') == 1
        assert message.text.split().count(url) == 1
    assert message.unsubscribe == links.unsubscribe


def test_a_letter_that_was_stored_before_stories_were_kept_in_it_can_still_be_left() -> None:
    message, links = letter(replace(DIGESTS["digest"], stories=()))
    assert links.answers == ()
    assert links.unsubscribe in message.text


@pytest.mark.parametrize(
    ("told", "place"),
    [
        # a place that the letter does not have
        (DIGESTS["digest"], 5),
        (replace(DIGESTS["digest"], stories=()), 1),
        # what is no letter has none
        (SPIKE, 1),
        (ALERTS[0], 1),
        # an alert whose story is unknown
        (ALERTS[0], 0),
    ],
)
def test_a_place_that_is_not_there_is_about_nothing(told: Digest | Alert, place: int) -> None:
    assert about(carried(told), place) is None


def test_a_letter_of_very_many_stories_is_signed_in_no_time_and_loses_no_story() -> None:
    links = links_of(carried(many(2_500)), KEY, URL)
    assert links is not None
    assert len(links.answers) == 2_000
