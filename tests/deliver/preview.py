"""Writes sample letters of every kind as HTML, text and chat lines, to be looked at: `python -m tests.deliver.preview FOLDER`."""

from __future__ import annotations

import sys
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from monitor.letters import message_of
from monitor.links import links_of
from monitor.model import Delivery, Message, Severity, Told
from tests.build import make_article
from tests.deliver.letter_samples import DIGESTS, SPIKE, correction_of, update_of
from tests.deliver.samples import ARABIC, FRENCH, make_alert, make_delivery, make_desk

HOST = "monitor.example.org"
TITLE_ONLY = make_article(
    title="Hammouchi visits Doha <script>alert(1)</script> {{7*7}}",
    body="",
    summary="A short wire item: the security chief was in Doha on Monday.",
    language="en",
)


def cases() -> dict[str, tuple[Told, str]]:
    """By name: what is told, and in which language."""
    alerts: dict[str, tuple[Told, str]] = {
        "fr": (make_alert(FRENCH), "fr"),
        "ar": (make_alert(ARABIC, severity=Severity.CRITICAL), "ar"),
        "fr-on-ar": (make_alert(ARABIC), "fr"),
        "ar-on-fr": (make_alert(FRENCH), "ar"),
        "en-title-only": (make_alert(TITLE_ONLY, severity=Severity.LOW), "en"),
    }
    for language in ("fr", "ar", "en", "es"):
        alerts[f"update-{language}"] = (update_of(FRENCH), language)
        alerts[f"headline-{language}"] = (correction_of(FRENCH, "headline"), language)
        alerts[f"removed-{language}"] = (correction_of(FRENCH, "removed"), language)
        escalated = make_alert(severity=Severity.CRITICAL, escalated_from="Bureau de veille")
        alerts[f"escalated-{language}"] = (escalated, language)
        alerts[f"spike-{language}"] = (SPIKE, language)
        for name, digest in DIGESTS.items():
            alerts[f"{name}-{language}"] = (digest, language)
    return alerts


def message(told: Told, language: str) -> Message:
    first = make_delivery(id="11111111-6f6a-4bb4-9f0e-5a2f2d1c7a10")
    delivery: Delivery = replace(make_delivery(), alert=told, edition=getattr(told, "edition", 0))
    links = links_of(delivery, "k" * 43, f"https://{HOST}")
    return message_of(delivery, make_desk(language), f"https://{HOST}", HOST, links, first)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (told, language) in cases().items():
        made = message(told, language)
        html = made.html
        for image in made.images:
            html = html.replace(
                f"cid:{image.name}@{HOST}", f"data:image/png;base64,{b64encode(image.png).decode()}"
            )
        (folder / f"{name}.html").write_text(html)
        (folder / f"{name}.txt").write_text(f"{made.subject}\n\n{made.text}")
        (folder / f"{name}.chat").write_text(f"{made.subject}\n{made.chat}\n")
        print(f"{name}: {len(made.html.encode())} bytes of HTML, {len(made.text)} characters of text")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
