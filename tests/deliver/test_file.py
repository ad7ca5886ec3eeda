"""Alerts as files."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from monitor.deliver import render
from monitor.deliver.file import FileSender, name
from monitor.model import Channel, ChannelKind, Message, Retry, Sent
from tests.deliver.samples import ARABIC, make_alert, make_delivery, make_desk, make_hostile

SENDER = FileSender("veille@example.org", "monitor.example.org")


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def folder(path: Path) -> Channel:
    return Channel("out", ChannelKind.FILE, str(path))


async def test_a_delivery_is_three_files_for_three_kinds_of_reader(tmp_path: Path, message: Message) -> None:
    out = tmp_path / "var" / "alerts"
    outcome = await SENDER.send(folder(out), message)
    assert isinstance(outcome, Sent)
    files = contents(out)
    base = name(message)
    assert outcome.provider_id == str(out / base)
    assert set(files) == {f"{base}.eml", f"{base}.html", f"{base}.json"}
    assert json.loads(files[f"{base}.json"]) == message.data
    assert files[f"{base}.html"].decode() == message.html
    mail = message_from_bytes(files[f"{base}.eml"], policy=default)
    assert mail["Subject"] == message.subject
    assert mail["Message-ID"] == f"<{message.reference}@monitor.example.org>"


async def test_sending_again_changes_nothing(tmp_path: Path, message: Message) -> None:
    await SENDER.send(folder(tmp_path), message)
    before = contents(tmp_path)
    await SENDER.send(folder(tmp_path), message)
    assert contents(tmp_path) == before


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path, message: Message) -> None:
    (tmp_path / "file").write_text("")
    outcome = await SENDER.send(folder(tmp_path / "file" / "alerts"), message)
    assert isinstance(outcome, Retry)
    assert outcome.kind == "disk"
    assert "alerts" in outcome.error


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (make_delivery(), "20260421T121000Z-doha-abdellatif-hammouchi-recu-par-le-chef-de-la-0f0e4c1e"),
        # letters that have no Latin form leave a plain name
        (make_delivery(make_alert(ARABIC)), "20260421T121000Z-alert-0f0e4c1e"),
        (make_hostile(), "20260421T121000Z-7-7-7-7-s-script-alert-1-script-everyone-channel-0f0e4c1e"),
        (
            make_delivery(id="../../etc/passwd"),
            "20260421T121000Z-doha-abdellatif-hammouchi-recu-par-le-chef-de-la-etcpasswd",
        ),
    ],
    ids=["french", "arabic", "hostile", "odd id"],
)
def test_a_name_sorts_by_time_and_leaves_no_folder(message: object, expected: str) -> None:
    rendered = render(message, make_desk(), "https://example.org", "example.org")  # type: ignore[arg-type]
    assert name(rendered).startswith(expected)
    assert "/" not in name(rendered)


async def test_no_half_written_file_stays(tmp_path: Path, message: Message) -> None:
    await SENDER.send(folder(tmp_path), message)
    assert not [name for name in contents(tmp_path) if name.startswith(".")]
