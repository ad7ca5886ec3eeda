"""A small press of its own on loopback, and the real daemon path run against it; called by `monitor demo`.

    newsroom   press/*.yaml -> outlets and articles (pure after reading)
    documents  articles -> feeds, sitemap, pages (pure)
    server     serves them on 127.0.0.1, and the hostile addresses
    stage      the two rounds: settings.load, app.build, gather, deliver
    show       what the terminal sees

Never reaches beyond 127.0.0.1, never writes outside the folder it is given.
"""

from monitor.demo.stage import Report, perform, prepare

__all__ = ["Report", "perform", "prepare"]
