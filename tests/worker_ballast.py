"""Memory that children are to share: named by a test as what they preload."""

BALLAST = bytes(range(1, 251)) * 160_000
