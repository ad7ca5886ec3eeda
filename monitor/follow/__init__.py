"""What follows a reading: operators hear of their sources and channels, and the pages of alerted articles are looked at again.

Called by `app`, once a tick; uses the pipeline's parts and its way of recording. Reads no feed and sends nothing: both
end in rows, in the outbox and in the archive.
"""

from monitor.follow.channels import tell_of_channels
from monitor.follow.operators import tell_operators
from monitor.follow.revisits import due_revisits, revisit

__all__ = ["due_revisits", "revisit", "tell_of_channels", "tell_operators"]
