"""Preloaded by the forkserver of a proof's own children, so that each has Apprise and all its services when it is forked: where
a child is killed at every deadline, the next one's imports would be what is measured."""

import apprise

apprise.Apprise.instantiate("json://localhost")
