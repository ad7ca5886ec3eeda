"""`make bench`: every measurement, one after the other; each is a command of its own as well."""

from benchmarks import polling, store

for measure in (polling.main, store.main):
    print(f"== {measure.__module__}")
    measure()
