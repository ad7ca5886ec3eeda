"""Delivery of a SpikeAlert -> Message: how much more than usual a watchlist finds, with the numbers and a chart. Pure.

Called by render. The chart (PNG, made by review) travels in the mail itself; the sentence beside it says the same, for
whoever does not see pictures.
"""

from __future__ import annotations

import re

from babel.numbers import format_decimal

from monitor.deliver.document import spike_document
from monitor.deliver.templating import environment, inliner
from monitor.deliver.words import Words, clock, moment, words_for
from monitor.model import Delivery, Image, Links, Message, Recipient, Spike, SpikeAlert
from monitor.text.plain import NAME, one_line

CHART = "chart"
RARE = 1e-6  # a chance below it is told as "less than one in a million"


def render_spike(
    delivery: Delivery,
    told: SpikeAlert,
    chart: bytes,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None,
) -> Message:
    words = words_for(recipient.language)
    image = Image(f"{CHART}.{delivery.id}", chart)
    view = {**_view(delivery, told, recipient, words), "links": links}
    html = (
        environment()
        .get_template("spike.html")
        .render({**view, "cid": f"{image.name}@{host}" if chart else ""})
    )
    return Message(
        reference=delivery.id,
        subject=str(view["subject"]),
        text=environment().get_template("spike.txt").render(view).strip() + "\n",
        html=inliner().inline(html),
        data=spike_document(delivery, told, public_url),
        created_at=delivery.created_at,
        list_id=f"{re.sub(r'[^A-Za-z0-9-]+', '-', told.spike.watchlist).strip('-') or 'spikes'}.{host}",
        language=words.language,
        unsubscribe=links.leave if links else None,
        images=(image,) if chart else (),
    )


def _view(delivery: Delivery, told: SpikeAlert, recipient: Recipient, words: Words) -> dict[str, object]:
    spike, title = told.spike, one_line(told.title or told.spike.watchlist, NAME)
    said = words.spike_said.format(
        count=spike.count,
        since=clock(spike.since, recipient.timezone),
        expected=_number(spike.expected, words),
        days=spike.days,
    )
    return {
        "words": words,
        "subject": f"[{words.severity[told.severity]}] {words.spike}{words.colon}{title} · {_times(spike, words)}",
        "title": title,
        "severity": told.severity.value,
        "severity_word": words.severity[told.severity],
        "times": _times(spike, words),
        "said": said,
        "chance": words.spike_chance.format(n=_one_in(spike.chance, words)),
        "at": moment(spike.at, recipient.timezone, words),
        "began": moment(spike.began, recipient.timezone, words),
        "recipient": one_line(recipient.name or recipient.id, NAME),
        "reference": delivery.id,
    }


def _times(spike: Spike, words: Words) -> str:
    return words.spike_times.format(n=_number(spike.ratio, words))


def _one_in(chance: float, words: Words) -> str:
    """How many ordinary days such a count would need, to one digit: nobody knows it better."""
    if chance < RARE:
        return format_decimal(1_000_000, locale=_digits(words))
    n = round(1 / chance)
    step = 10 ** (len(str(n)) - 1)
    return format_decimal(n // step * step, locale=_digits(words))


def _number(value: float, words: Words) -> str:
    return format_decimal(round(value, 1 if value < 10 else 0), locale=_digits(words))


def _digits(words: Words) -> str:
    """Where Babel would mix Arabic-Indic digits into a text that has the others everywhere else."""
    return "fr" if words.rtl else words.locale
