"""Whatever stands in the files: Settings or a ConfigurationError, nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import ConfigurationError, Problem
from monitor.settings import Settings, load

NAMES = (
    "monitor.yaml",
    "recipients.yaml",
    "sources/a.yaml",
    "entities/a.yaml",
    "watchlists/a.yaml",
    "tests/a.yaml",
)
KEYS = """database fetch polling retention web email server password from sources id url name kind country language tier
tags full_text every backfill entities names variants not within watchlists title severity any all none query where
languages countries notify near of entity recipients timezone channels apprise webhook secret console file routes match
to continue tests watchlist no_match body because deadline per_host max_bytes ports min max listen <text> <entity>
group_wait group_interval digest at days empty quiet_hours break_through escalate_after escalate_to working_days
<<""".split()
WORDS = """feed adaptive 10m 0s -5 60 high MA fr a b desk true no ~ 1e999 .inf ${A} ${A:-b} ${file:x} ${ $${ @a a\\b
"" https://example.org/ sqlite:///x smtps://u@h smtp://[::1 NEAR/3(a,b) (a /x/ entity:a watchlist:b a@example.org
الأمن \\ud800 127.0.0.1:80 07:30 none mon""".split()

leaf = st.one_of(
    st.sampled_from(WORDS), st.text(max_size=12), st.integers(), st.booleans(), st.none(), st.floats()
)
tree = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
token = st.sampled_from(
    [
        *KEYS,
        *WORDS,
        ": ",
        "- ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!!x ",
        "| ",
        "> ",
        "'",
        '"',
        "#",
        "---\n",
        "%",
        "\t",
        "?",
        "\r\n",
        "\\",
    ]
)


def _load(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        answer = _answer(Path(folder))
        assert isinstance(answer, Settings) or all(problem.file.startswith(folder) for problem in answer)


def _answer(folder: Path) -> Settings | tuple[Problem, ...]:
    try:
        return load(folder, {"A": "a"})
    except ConfigurationError as error:
        return error.problems


def _flow(node: object) -> str:
    """A tree as YAML in flow style; text half quoted, half bare as an analyst would."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(_flow, node)) + "]"
    if isinstance(node, str):
        bare = node.isascii() and node.isalnum()
        return node if bare else '"' + node.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(node).lower()


patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_random_bytes_are_refused_in_words(name: str, data: bytes) -> None:
    _load({name: data})


@patient
@given(st.sampled_from(NAMES), st.lists(token, max_size=40))
def test_random_yaml_like_text_is_refused_in_words(name: str, tokens: list[str]) -> None:
    _load({name: "".join(tokens).encode("utf-8", "replace")})


@patient
@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), tree, max_size=4), max_size=4
    )
)
def test_random_trees_of_known_keys_are_refused_in_words(files: dict[str, object]) -> None:
    _load({name: _flow(content).encode("utf-8", "replace") for name, content in files.items()})
