"""The one layout of the web's pages, and the content policy that it needs. Pure; called by the routes.

A page holds no script, loads nothing and may send its forms to this place only: the policy allows the one style sheet
by its hash and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: #f2f4f7; color: #1c2430; font: 17px/1.55 system-ui, "Noto Sans", "Noto Naskh Arabic", Tahoma, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem; }
.card { background: #fff; border: 1px solid #dde2ea; border-radius: 12px; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .9rem; font-size: 1.35rem; line-height: 1.35; }
.headline { margin: 0 0 1rem; padding-inline-start: .9rem; border-inline-start: 3px solid #e3b341; font-weight: 600; }
p { margin: 0 0 1rem; }
.small { color: #566173; font-size: .9rem; }
form { margin: 0; }
button { font: inherit; font-weight: 600; padding: .7rem 1.3rem; border: 0; border-radius: 8px; background: #1d5fa8; color: #fff; cursor: pointer; }
button.quiet { background: transparent; color: inherit; border: 1px solid currentcolor; }
button:focus-visible { outline: 3px solid #e3b341; outline-offset: 2px; }
@media (max-width: 30rem) { main { padding: 0; } .card { border-width: 0 0 1px; border-radius: 0; } button { width: 100%; } }
@media (prefers-color-scheme: dark) {
  body { background: #12161c; color: #e6eaf0; }
  .card { background: #1b212a; border-color: #303947; }
  .small { color: #a6b1c1; }
  button { background: #3b82d6; }
  button.quiet { background: transparent; }
}
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows. `do` is what its button sends; without a `button` there is none."""

    title: str
    language: str
    rtl: bool
    means: str = ""
    headline: str = ""
    small: str = ""
    button: str = ""
    do: str = "yes"


def html(page: Page) -> str:
    return _template().render(page=page, style=Markup(STYLE))


@cache
def _template() -> Template:
    loader = PackageLoader("monitor.web")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")
