"""Delivery -> the world. The door: render what a recipient is told, send it, decide what comes after an attempt, for the
delivery (`next_step`) and for its channel (`after`: the breaker; `pace`: how fast; `troubles`: what
operators are told).

Called by the pipeline; knows model types only. No sender raises for what the far side does (see `Sender`).
"""

from monitor.deliver import pace, troubles
from monitor.deliver.breaker import after, standing
from monitor.deliver.render import render
from monitor.deliver.retry import Step, next_step
from monitor.deliver.senders import Sender, Senders, build_sender

__all__ = [
    "Sender",
    "Senders",
    "Step",
    "after",
    "build_sender",
    "next_step",
    "pace",
    "render",
    "standing",
    "troubles",
]
