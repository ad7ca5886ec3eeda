"""Mail of our own making: one message a recipient, with a Message-ID that all its copies share.

Called through `senders`; the file sender writes what `compose` makes. It speaks to the operator's own relay only, and never
without TLS except on loopback. A fault of the relay (connecting, TLS, login) is worth another try whatever its code: it
is mended there, and the alert should survive it. What a relay says of the message itself follows its first digit.
"""

from __future__ import annotations

import contextlib
import ssl
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from typing import Any

import aiosmtplib
import regex  # type: ignore[import-untyped]

from monitor.deliver.broken import why_broken
from monitor.model import Channel, EmailServer, GaveUp, Message, Outcome, Retry, Sent
from monitor.text.plain import one_line

_SUBJECT_LINE = 76
_LONGEST_LINE = 900  # characters; RFC 5322 allows 998
_QUEUED = regex.compile(r"queued as:?\s+<?([\w.@-]+)", regex.IGNORECASE)
_SHOWN = 300


class _Policy(EmailPolicy):
    """A subject is encoded by the older `email.header`. The newer code reads encoded words in a headline that spells them,
    and loses spaces between encoded words (both seen with Python 3.11)."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name.lower() != "subject":
            return super().header_store_parse(name, value)
        plain = value.isascii() and "=?" not in value
        header = Header(value, "us-ascii" if plain else "utf-8", _SUBJECT_LINE, name)
        return name, header.encode(linesep="\r\n")


# 7 bit on the wire (base64 or quoted-printable): arrives the same through any relay, old ones too.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit", refold_source="none")


class EmailSender:
    """Sends to `channel.target`, an address. `host` names this installation in Message-ID and EHLO."""

    def __init__(
        self, server: EmailServer, host: str, *, timeout: float = 30.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._host = host
        self._timeout = timeout
        self._tls = tls

    async def send(self, channel: Channel, message: Message) -> Outcome:
        if self._server.security == "none" and not is_loopback(self._server.host):
            return Retry("the relay is not on this machine: set `security` to tls or starttls", kind="tls")
        try:
            mail = compose(message, self._server.sender, channel.target, self._host)
        except (ValueError, MessageError, IndexError) as error:
            return GaveUp(f"not an address that mail can be sent to: {error}", kind="address")
        return await self._deliver(mail)

    async def _deliver(self, mail: EmailMessage) -> Outcome:
        client = self._client()
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            return _relay_fault(error)
        try:
            outcome = await _hand_over(client, mail)
            if client.is_connected:  # not after a call-off: a relay that hangs would not answer this either
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=2.0)
            return outcome
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=self._host,
            timeout=self._timeout,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls if server.security != "none" else None,
        )


async def _hand_over(client: aiosmtplib.SMTP, mail: EmailMessage) -> Outcome:
    try:
        _, answer = await client.send_message(mail)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refused(error.recipients[0])
    except aiosmtplib.SMTPResponseException as error:
        return _refused(error)
    except aiosmtplib.SMTPNotSupported as error:
        return GaveUp(one_line(str(error), _SHOWN), kind="address")
    except (aiosmtplib.SMTPException, OSError) as error:
        # Lost after DATA: the relay may have it. Sending again with the same Message-ID is the lesser evil.
        return _relay_fault(error)
    queued = _QUEUED.search(answer)
    return Sent(queued[1] if queued else None, 250)


def _refused(error: aiosmtplib.SMTPResponseException) -> Outcome:
    said = f"the relay answered {error.code}: {one_line(error.message, _SHOWN)}"
    return GaveUp(said, error.code) if error.code >= 500 else Retry(said, status=error.code)


def _relay_fault(error: Exception) -> Retry:
    said = one_line(str(error), _SHOWN) or type(error).__name__
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return Retry(f"the relay refused the login: {said}", status=error.code, kind="login")
        case aiosmtplib.SMTPResponseException():
            return Retry(f"the relay answered {error.code}: {said}", status=error.code, kind="relay")
        case TimeoutError():
            return Retry(f"the relay did not answer in time: {said}", kind="timeout")
        case ssl.SSLError():
            return Retry(f"no TLS with the relay: {said}", kind="tls")
        case aiosmtplib.SMTPServerDisconnected():
            return Retry(f"the relay closed the connection: {said}", kind="reset")
        case OSError():
            broken = why_broken(error, said)
            return Retry(broken.of("the relay"), kind=broken.kind)
        case _:
            return Retry(f"the relay does not do what is needed: {said}", kind="relay")


def compose(message: Message, sender: str, to: str, host: str) -> EmailMessage:
    """The whole mail. Raises ValueError where an address is not one; no header can be smuggled in."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = address(sender)
    mail["To"] = address(to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.reference}@{host}>"
    if message.thread:
        mail["In-Reply-To"] = mail["References"] = f"<{message.thread}@{host}>"
    mail["List-Id"] = f"<{message.list_id or host}>"
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        if message.unsubscribe.startswith("https://"):  # RFC 8058 knows no other
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte=_encoding(message.text))
    mail.add_alternative(message.html, subtype="html", cte=_encoding(message.html))
    _add_pictures(mail, message, host)
    mail["Content-Language"] = message.language  # now: what is set before moves into the first part
    mail.set_boundary(f"=_alert_{message.reference}")  # not a random one: a copy has the same bytes
    return mail


def _encoding(text: str) -> str:
    """The shorter of the two for this text; none where it needs none. EmailMessage's own choice looks at ten lines, and
    doubles a long letter whose Arabic comes later."""
    if text.isascii() and max(map(len, text.splitlines()), default=0) < _LONGEST_LINE:
        return "7bit"
    data = text.encode()
    tripled = sum(byte > 126 or byte == ord("=") for byte in data)
    return "base64" if 3 * 2 * tripled > len(data) else "quoted-printable"


def _add_pictures(mail: EmailMessage, message: Message, host: str) -> None:
    """Within the mail, beside the HTML that shows them: nothing is loaded from anywhere."""
    html = mail.get_body(("html",))
    if not isinstance(html, EmailMessage) or not message.images:
        return
    for image in message.images:
        html.add_related(image.png, "image", "png", cid=f"<{image.name}@{host}>", disposition="inline")
    html.set_boundary(f"=_pictures_{message.reference}")


def address(text: str) -> Address:
    """`Name <box@host>` or `box@host`. Raises ValueError on anything else, several addresses included."""
    name, spec = parseaddr(text)
    box, _, domain = spec.rpartition("@")
    if not box or not domain or text.count("@") != 1 or any(ord(letter) < 32 for letter in text):
        raise ValueError("write it as name@example.org or Name <name@example.org>")
    return Address(name, box, domain)


def is_loopback(host: str) -> bool:
    if host in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
