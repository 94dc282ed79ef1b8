"""Soak: the service for many virtual days between two simulated accounts, while people edit both and things go wrong.

`agency.py` holds both accounts and what people do there, `promises.py` what must hold after each run and in the end,
`days.py` the service under a clock that jumps from one scheduled time to the next; real time flows on within a run, so
that timeouts, late answers and the request window are what they are. What the product told of a run that ends as none
should is kept and shown. `make soak DAYS=30 EVERY=15m SEED=1` prints the figures; `make test` takes two days.
"""
