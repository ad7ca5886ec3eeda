"""`make bench`: every measurement, one after the other; each is a command of its own as well."""

from benchmarks import gathering, matching, polling, store

for measure in (polling.main, gathering.main, store.main, matching.main):
    print(f"== {measure.__module__}")
    measure()
