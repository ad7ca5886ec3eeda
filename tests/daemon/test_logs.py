"""What log lines look like, and what never stands in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from monitor.daemon.logs import Redaction, set_up


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def last_line(out: io.StringIO) -> dict[str, object]:
    line: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    return line


def test_a_journal_gets_json_lines_from_both_kinds_of_logger() -> None:
    out = io.StringIO()
    set_up({}, stream=out)
    structlog.get_logger("ours").info("read", source="المغرب", new=3)
    assert last_line(out) | {"timestamp": ""} == {
        "event": "read",
        "source": "المغرب",
        "new": 3,
        "level": "info",
        "timestamp": "",
    }
    logging.getLogger("a.library").warning("%s of %s", 1, 2)
    assert last_line(out)["event"] == "1 of 2"


def test_the_journal_can_tell_warnings_from_news() -> None:
    out = io.StringIO()
    set_up({"JOURNAL_STREAM": "8:123"}, stream=out)
    structlog.get_logger().info("read")
    structlog.get_logger().warning("trouble", problem="<3>not an error")
    structlog.get_logger().error("failed")
    assert [line[:4] for line in out.getvalue().splitlines()] == ["<6>{", "<4>{", "<3>{"]


def test_a_message_of_several_lines_is_one_line_of_json() -> None:
    out = io.StringIO()
    set_up({}, stream=out)
    structlog.get_logger().error("failed", error="one\ntwo")
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_text_in_colours_unless_it_wants_none(
    environ: dict[str, str], coloured: bool
) -> None:
    out = Terminal()
    set_up(environ, stream=out)
    structlog.get_logger().warning("trouble", of="gazette")
    assert "trouble" in out.getvalue()
    assert ("\x1b[" in out.getvalue()) is coloured


@pytest.mark.parametrize("hostile", ["\x1b[2Jgone", "a\x07b", "\u202egnp.exe", "\x9b31m", "over\rwritten"])
def test_a_hostile_title_cannot_write_to_the_terminal(hostile: str) -> None:
    out = Terminal()
    set_up({"NO_COLOR": "1"}, stream=out)
    structlog.get_logger().warning("trouble", problem=hostile)
    assert not set(out.getvalue()) & set("\x1b\x07\u202e\x9b\r")


def test_the_libraries_chatter_is_left_out() -> None:
    out = io.StringIO()
    set_up({}, stream=out)
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached")
    logging.getLogger("uvicorn.error").info("Started server process")
    assert out.getvalue() == ""


def test_the_level_is_the_least_that_is_told() -> None:
    out = io.StringIO()
    set_up({}, level="warning", stream=out)
    structlog.get_logger().info("read")
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    "value",
    ["at https://h/T0P-SECRET now", ["T0P-SECRET"], {"deep": ("T0P-SECRET",)}, OSError("T0P-SECRET")],
    ids=["text", "a list", "nested", "an exception"],
)
def test_a_secret_is_replaced_wherever_it_stands(value: object) -> None:
    out = io.StringIO()
    set_up({}, stream=out).learn(["T0P-SECRET"])
    structlog.get_logger().error("failed", of=value)
    assert "T0P-SECRET" not in out.getvalue()
    assert "[secret]" in out.getvalue()


def test_a_secret_in_a_traceback_is_replaced() -> None:
    out = io.StringIO()
    set_up({}, stream=out).learn(["T0P-SECRET"])
    try:
        raise ValueError("bad token T0P-SECRET")
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
    assert "Traceback" in str(last_line(out)["exception"])
    assert "T0P-SECRET" not in out.getvalue()


def test_secrets_of_before_a_reload_stay_secret_and_short_ones_blank_out_nothing() -> None:
    redaction = Redaction()
    redaction.learn(["first-one", "abc"])
    redaction.learn(["second-one", "first-one-and-more"])
    cleaned = redaction(None, "", {"event": "first-one, second-one, first-one-and-more, abc", "count": 3})
    assert cleaned == {"event": "[secret], [secret], [secret], abc", "count": 3}
