"""What recipients answered by the links in their alerts, as it bears on routing. Pure; called by `routing`."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import Decision, Match, Reason, Reply, ReplyKind, Watchlist

STAGE = "route"
Watched = tuple[Watchlist, Match]


def still_wanted(
    recipient: str, told: Sequence[Watched], replies: Sequence[Reply]
) -> tuple[list[Watched], list[Decision]]:
    """What of its watchlists a recipient did not unsubscribe from; and a decision for each of the others."""
    ended = {each.watchlist: each for each in replies if each.ends_watchlist and each.recipient == recipient}
    watched: list[Watched] = []
    decisions: list[Decision] = []
    for one in told:
        reply = ended.get("") or ended.get(one[0].id)
        if reply is None:
            watched.append(one)
            continue
        what = "everything" if reply.kind is ReplyKind.UNSUBSCRIBE_ALL else one[0].id
        detail = f"{one[0].id} matched; {recipient} unsubscribed from {what} on {_minute(reply)}"
        decisions.append(Decision(STAGE, Reason.UNSUBSCRIBED, detail, recipient))
    return watched, decisions


def refused(recipient: str, names: str, replies: Sequence[Reply]) -> Decision | None:
    """Where the recipient wants to hear no more of the story. `replies`: those about this story."""
    reply = next((each for each in replies if each.ends_story and each.recipient == recipient), None)
    if reply is None:
        return None
    how = "called it not relevant" if reply.kind is ReplyKind.NOT_RELEVANT else "silenced it"
    detail = f"{names} matched; {recipient} {how} on {_minute(reply)}"
    return Decision(STAGE, Reason.SILENCED, detail, recipient)


def _minute(reply: Reply) -> str:
    return f"{reply.at:%Y-%m-%d %H:%M}Z"
