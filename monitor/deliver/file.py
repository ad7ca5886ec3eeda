"""Alerts as files in a folder: NAME.eml for a mail program, NAME.html for a browser, NAME.json for a script.

Called through `senders`, in a thread. The name is made of the delivery, so sending again overwrites the same three files; each
appears whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from base64 import b64encode
from pathlib import Path

from monitor.deliver.email import compose
from monitor.deliver.webhook import encode
from monitor.model import Channel, Message, Outcome, Retry, Sent

_SLUG = 48  # characters


class FileSender:
    """Writes into `channel.target`, a folder, made when it is not there. `provider_id` is the common path without ending."""

    def __init__(self, sender: str, host: str) -> None:
        self._sender = sender
        self._host = host

    async def send(self, channel: Channel, message: Message) -> Outcome:
        try:
            return Sent(str(await asyncio.to_thread(self._write, Path(channel.target), message)))
        except OSError as error:
            return Retry(f"cannot write to {channel.target}: {error.strerror or error}", kind="disk")

    def _write(self, folder: Path, message: Message) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        base = folder / name(message)
        mail = compose(message, self._sender, f"alerts@{self._host}", self._host)
        for ending, content in (
            (".json", encode(message)),
            (".html", _whole(message, self._host).encode()),
            (".eml", bytes(mail)),
        ):
            _put(base.with_name(base.name + ending), content)
        return base


def name(message: Message) -> str:
    """`20260421T121000Z-doha-abdellatif-hammouchi-<id>`: sorts by time, says what it is, one for each delivery."""
    letters = unicodedata.normalize("NFKD", message.subject.partition("]")[2] or message.subject)
    words = re.findall(r"[a-z0-9]+", letters.encode("ascii", "ignore").decode().lower())
    slug = "-".join(words)[:_SLUG].strip("-") or "alert"
    return (
        f"{message.created_at:%Y%m%dT%H%M%SZ}-{slug}-{re.sub(r'[^A-Za-z0-9-]', '', message.reference)[:64]}"
    )


def _whole(message: Message, host: str) -> str:
    """The HTML with its pictures in it, which a browser finds in no mail."""
    html = message.html
    for image in message.images:
        inline = f"data:image/png;base64,{b64encode(image.png).decode()}"
        html = html.replace(f"cid:{image.name}@{host}", inline)
    return html


def _put(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
