"""Chat and push services, through Apprise, in a child process that can be killed. The only `import apprise`.

`ChatSender` is called through `senders`; `notify` runs in the child. One target a URL, one try, no redirects, no attachments,
no option in the URL that would loosen this. Text goes out as plain text that mentions nobody. The URL holds tokens: no
error ever shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor.deliver.broken import why_broken
from monitor.deliver.chat_answers import Seen, seen
from monitor.deliver.chat_dialect import dialect_of, headed, lighter, pieces, weight_of
from monitor.deliver.chat_progress import Progress
from monitor.deliver.chat_rules import SCHEMES, harmless, refusal, scrubbed
from monitor.deliver.email import is_loopback
from monitor.deliver.retry import of_status, retry_after
from monitor.deliver.templating import body_of
from monitor.errors import WorkerFailed, WorkerTimeout
from monitor.model import Channel, GaveUp, Message, Outcome, Retry, Sent
from monitor.text.plain import cut
from monitor.workers import Workers

PIECES = 4  # messages that one alert may become
TOO_MANY = 429
_GAP = 1.0  # seconds between them
_BODY, _BLOCK = 1_000_000, 16_384  # bytes of an answer, and how many of them at a time
_CONNECT, _READ = 10.0, 20.0  # seconds; Apprise's own 4 make a slow accept look like a failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child tells: how far it came, and the last HTTP answer. Carries no part of the URL."""

    ok: bool
    error: str = ""
    status: int | None = None
    retry_after: str | None = None  # the header as it stood
    kind: str = ""
    went: int = 0  # messages that the chat has by now


Notify = Callable[[str, str, str, bool, int], Answer]


class ChatSender:
    """Sends to `channel.target`, an Apprise URL. Plain HTTP only to loopback, or where `allow_private` says so."""

    def __init__(
        self,
        workers: Workers,
        clock: Callable[[], datetime],
        *,
        allow_private: bool = False,
        deadline: float = 45.0,
        notify: Notify | None = None,
    ) -> None:
        self._workers = workers
        self._clock = clock
        self._allow_private = allow_private
        self._deadline = deadline
        self._notify = notify or globals()["notify"]
        self._progress = Progress()

    async def send(self, channel: Channel, message: Message) -> Outcome:
        title, body = message.subject, message.chat or body_of(message.text)
        texts = (channel.target, title, body)
        went = self._progress.of(message.reference, *texts)
        try:
            answer = await self._workers.run(
                self._notify, self._deadline, channel.target, title, body, self._allow_private, went
            )
        except WorkerTimeout:
            return Retry(f"the service did not answer within {self._deadline:.0f} s", kind="timeout")
        except WorkerFailed as error:
            return Retry(f"the child process that sends failed: {error}", kind="crash")
        outcome = self._outcome(answer)
        left = answer.went if isinstance(outcome, Retry) else 0
        self._progress.note(message.reference, left, *texts)
        return outcome

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.ok:
            return Sent(status=answer.status)
        if answer.kind == "refused":
            return GaveUp(answer.error, kind="refused")
        if answer.status is not None and answer.status >= 300:
            return of_status(answer.status, answer.error, retry_after(answer.retry_after, self._clock()))
        return Retry(answer.error, status=answer.status, kind=answer.kind)


def notify(url: str, title: str, body: str, allow_private: bool, went: int = 0) -> Answer:
    """In the child: one alert to one target, as one message or a few; not the first `went` of them."""
    reason = refusal(url)
    if reason:
        return Answer(False, reason, kind="refused")
    service = _service(url)
    reason = _unfit(service, url, allow_private)
    if reason:
        return Answer(False, reason, kind="refused")
    with _witness(_names(service)) as noted:
        went, failed = _say(service, harmless(title), harmless(body), went, noted)
    return replace(_answer(service, failed, noted, url), went=went)


def _service(url: str) -> Any:
    import apprise

    asset = apprise.AppriseAsset(
        app_id="media-monitor",
        app_desc="media-monitor",
        http_redirects=False,
        async_mode=False,
        interpret_emojis=False,
        storage_mode="memory",
        image_url_mask="",  # no picture of a third party's server
        image_url_logo="",
    )
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.socket_connect_timeout, service.socket_read_timeout = _CONNECT, _READ
        service.request_rate_per_sec = min(service.request_rate_per_sec, _GAP)
    return service


def _unfit(service: Any, url: str, allow_private: bool) -> str:
    if service is None:
        return "the address is not complete for its service"
    if len(service) != 1:
        return f"the address names {len(service)} targets: write one channel for each, so each is sent and retried by itself"
    if not _names(service) & SCHEMES:
        return f"the service {service.service_name} is not one that alerts may go to"
    if service.redirects or service.service_retry or service.optional or not service.verify_certificate:
        return "an option in the address is not allowed"
    scheme = url.partition("://")[0].lower()
    if scheme in _named(service.protocol) and not (allow_private or is_loopback(service.host)):
        return f"{service.service_name} without TLS is for this machine only: write {scheme}s://"
    return ""


def _names(service: Any) -> frozenset[str]:
    return _named(service.protocol) | _named(service.secure_protocol)


def _named(protocol: str | tuple[str, ...] | None) -> frozenset[str]:
    return frozenset((protocol,) if isinstance(protocol, str) else protocol or ())


def _say(service: Any, title: str, body: str, went: int, noted: list[Seen]) -> tuple[int, Any]:
    """Sends the pieces in order, but for the first `went`: how many have gone by now, and the result of the one that failed,
    or None. A refusal within a good answer, which Apprise does not see, ends it as well."""
    import apprise

    one = apprise.Apprise([service], asset=service.asset)
    spoken, weight = dialect_of(_names(service)), weight_of(_names(service))
    form = apprise.NotifyFormat.MARKDOWN if spoken.markdown else apprise.NotifyFormat.TEXT
    title = spoken.title(lighter(_title(service, title, inline=spoken.inline), weight))
    room = max(50, service.body_maxlen - len(title) - 6)  # some put the title before the body and count it
    said = pieces(spoken.body(body), room, PIECES, weight)
    for number, piece in list(enumerate(said))[went:]:
        head = "" if number else title
        if spoken.inline and head:
            piece, head = headed(head, piece, spoken), ""
        result = one.notify(title=head, body=piece, body_format=form)
        if not result or (noted and noted[-1].refusal):
            return number, result
    return len(said), None


def _title(service: Any, title: str, *, inline: bool) -> str:
    """Cut to what the service takes; where it becomes the body's first line, to a quarter of that."""
    if inline or service.title_maxlen <= 0:
        return cut(title, min(250, service.body_maxlen // 4))
    return cut(title, service.title_maxlen)


@contextmanager
def _witness(schemes: frozenset[str]) -> Iterator[list[Seen]]:
    """Notes the HTTP answers that Apprise gets: it says only yes or no, while 410 is final and 429 says when.

    Its services offer no hook, so the one function that all of them send through is wrapped, in this child, for this call.
    After a 429 some of them wait and try again by themselves; here the connection then counts as broken, since when to try
    again is the outbox's to say.
    """
    from requests import ConnectionError as Broken
    from requests.adapters import HTTPAdapter

    noted: list[Seen] = []
    send = HTTPAdapter.send

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = send(self, *args, **kwargs)
            body = b"" if kwargs.get("stream") else _body(answer)
        except OSError as error:
            noted.append(Seen(broken=why_broken(error)))
            raise
        if not _aside(answer.request):
            noted.append(seen(answer.status_code, answer.headers, body, schemes))
            if noted[-1].status == TOO_MANY:
                raise Broken("the service asks to wait")
        return answer

    HTTPAdapter.send = watched  # type: ignore[method-assign]
    try:
        yield noted
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def _body(answer: Any) -> bytes:
    """Its beginning, which is then all of it for the library too: an answer without end would otherwise be read until the child
    has no memory left, and the message be sent again although it was taken."""
    read = bytearray()
    for block in answer.iter_content(_BLOCK):
        read += block
        if len(read) >= _BODY:
            answer.close()
            break
    answer._content, answer._content_consumed = bytes(read), True
    return bytes(read)


def _aside(request: Any) -> bool:
    """What a service asks and says beside the message: Matrix looks for its server first, and logs out afterwards."""
    return request.method in ("GET", "HEAD") or str(request.url).endswith("/logout")


def _answer(service: Any, failed: Any, noted: list[Seen], url: str) -> Answer:
    last = noted[-1] if noted else Seen()
    name = str(service.service_name)
    if failed is None and not last.refusal:
        return Answer(True, status=last.status)
    if last.broken:
        return Answer(False, last.broken.of(name), kind=last.broken.kind)
    said = f": {scrubbed(last.refusal, url)}" if last.refusal else ""
    if last.status is not None and last.status >= 300:
        return Answer(False, f"{name} answered {last.status}{said}", last.status, last.retry_after)
    return Answer(False, f"{name} did not take it{said or _logged(failed, url)}", kind="service")


def _logged(failed: Any, url: str) -> str:
    """What Apprise wrote of it."""
    said = [entry.message for entry in failed.logs() if entry.level in ("WARNING", "ERROR")]
    return f": {scrubbed(said[-1] if said else 'no reason given', url)}"
