"""Apprise's services of fixed hosts, turned to a sink on loopback. Runs in the child, in front of `chat.notify`."""

from __future__ import annotations

from monitor.deliver import chat


def notify_at(port: int, url: str, title: str, body: str, allow_private: bool) -> chat.Answer:
    """`chat.notify`, where Discord, Slack and Telegram live at 127.0.0.1:`port`."""
    from apprise.plugins.discord import NotifyDiscord
    from apprise.plugins.slack import NotifySlack
    from apprise.plugins.telegram import NotifyTelegram

    NotifyDiscord.notify_url = f"http://127.0.0.1:{port}/discord"
    NotifySlack.webhook_url = f"http://127.0.0.1:{port}/slack"
    NotifyTelegram.notify_url = f"http://127.0.0.1:{port}/telegram"
    return chat.notify(url, title, body, allow_private)


def never(url: str, title: str, body: str, allow_private: bool) -> chat.Answer:
    """A service that hangs inside its library."""
    import threading

    threading.Event().wait()
    raise AssertionError("unreachable")


def die(url: str, title: str, body: str, allow_private: bool) -> chat.Answer:
    import os

    os._exit(9)
