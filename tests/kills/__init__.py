"""Survives kills: clients that keep their own logs, processes that are killed, and a judge.

`python -m tests.kills --minutes 10 --seed 7` runs the whole; docs/reference/kills.md explains it.
As a Django application this package adds one command to the product: the handler `kills.tally`.
"""
