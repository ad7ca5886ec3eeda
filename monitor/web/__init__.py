"""What operators may ask the running daemon over HTTP: is it alive, is it ready, and its figures for Prometheus.

Lives in the daemon's loop and reads only; nothing here changes anything. `bind` opens the port, `serve` answers on it.
"""

from monitor.web.desk import Desk
from monitor.web.listen import bind
from monitor.web.metrics import Metrics
from monitor.web.pulse import Pulse
from monitor.web.server import serve

__all__ = ["Desk", "Metrics", "Pulse", "bind", "serve"]
