"""Writes sample alerts as HTML and text, to be looked at in a browser: `python -m tests.deliver.preview FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.deliver import render
from monitor.model import Severity
from tests.build import make_article
from tests.deliver.samples import ARABIC, FRENCH, hits_of, make_alert, make_delivery, make_desk

TITLE_ONLY = make_article(
    title="Hammouchi visits Doha <script>alert(1)</script> {{7*7}}",
    body="",
    summary="A short wire item: the security chief was in Doha on Monday.",
    language="en",
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cases = {
        "fr": (make_alert(FRENCH), "fr"),
        "ar": (make_alert(ARABIC, severity=Severity.CRITICAL), "ar"),
        "fr-on-ar": (make_alert(ARABIC), "fr"),
        "ar-on-fr": (make_alert(FRENCH), "ar"),
        "en-title-only": (
            make_alert(TITLE_ONLY, matches=make_alert(TITLE_ONLY).matches, severity=Severity.LOW),
            "en",
        ),
    }
    assert hits_of(FRENCH, "DGSN")
    for name, (alert, language) in cases.items():
        message = render(
            make_delivery(alert), make_desk(language), "https://monitor.example.org", "monitor.example.org"
        )
        (folder / f"{name}.html").write_text(message.html)
        (folder / f"{name}.txt").write_text(f"{message.subject}\n\n{message.text}")
        print(f"{name}: {len(message.html.encode())} bytes of HTML, {len(message.text)} characters of text")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
