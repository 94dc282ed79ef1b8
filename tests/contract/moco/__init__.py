"""MOCO's client as a library, one suite for the simulated MOCO and for a real account.

By default each test has a simulated MOCO of its own, in process. `MIGRATOR_CONTRACT_MOCO` (an address) and
`MIGRATOR_CONTRACT_MOCO_KEY` name a real account: what is made there carries a fresh prefix and is removed at the
end, and tests that turn the simulation (those that ask for `sandboxed`) are left out. With `MOCO_OPENAPI` naming a
copy of MOCO's document, every request and every answer is held against it.
"""
