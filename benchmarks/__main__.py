"""`make bench`: every measurement, one after the other; each is a command of its own as well."""

from benchmarks import candidates, deciding, gathering, matching, polling, store

for measure in (polling.main, gathering.main, store.main, candidates.main, deciding.main, matching.main):
    print(f"== {measure.__module__}")
    measure()
