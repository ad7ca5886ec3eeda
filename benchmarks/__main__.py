"""`make bench`: every measurement, one after the other; each is a command of its own as well."""

from benchmarks import matching, polling, store

for measure in (polling.main, store.main, matching.main):
    print(f"== {measure.__module__}")
    measure()
