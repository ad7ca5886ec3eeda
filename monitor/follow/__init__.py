"""What follows a reading: operators hear of their sources and channels, pages of alerted articles are looked at again,
alerts that waited are let go and grow with their stories.

    operators    what lasts of the sources' conditions; `channels` likewise of the channels
    revisits     a page again, an hour, six hours and a day after the alert
    spikes       watchlists that find far more than usual
    due          the pass over all that is due: `growth` of stories, `escalation`, `digests` and single alerts

Called by `app`, once a tick; uses the pipeline's parts and its way of recording. Reads no feed and sends nothing: all end
in rows, in the outbox and in the archive.
"""

from monitor.follow.channels import tell_of_channels
from monitor.follow.due import release
from monitor.follow.operators import tell_operators
from monitor.follow.revisits import due_revisits, revisit
from monitor.follow.spikes import EVERY as SPIKES_EVERY
from monitor.follow.spikes import tell_spikes

__all__ = [
    "SPIKES_EVERY",
    "due_revisits",
    "release",
    "revisit",
    "tell_of_channels",
    "tell_operators",
    "tell_spikes",
]
