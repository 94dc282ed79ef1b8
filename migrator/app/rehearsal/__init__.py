"""`rehearse`: the first migration with the real data against the sandbox, on a virtual clock; sends nothing."""
