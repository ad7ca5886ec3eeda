"""What the running daemon answers over HTTP: is it alive, is it ready, its figures for Prometheus, an alert's links,
the watchlists' feeds.

Lives in the daemon's loop. No GET changes anything; the one POST is that of `links`, for who holds a signed link. `bind`
opens the port, `serve` answers on it.
"""

from monitor.web.desk import Desk
from monitor.web.listen import bind
from monitor.web.metrics import Metrics
from monitor.web.pulse import Pulse
from monitor.web.server import serve

__all__ = ["Desk", "Metrics", "Pulse", "bind", "serve"]
