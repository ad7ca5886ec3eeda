"""media-monitor: reads the press, recognises what analysts watch for, tells the right people once."""

__version__ = "0.1.0"
