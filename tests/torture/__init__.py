"""Torture: the program is killed, disturbed and made to make mistakes, and what MOCO holds afterwards is looked at.

Three questions, one table and one test module each:

- *Killed anywhere?* A story (`stories.py`; all of them: `telling.py`) is told up to a point, where the process kills
  itself, and told again. The points (`points.py`) are before and after every commit, and before, within and after every
  request. `kills.py` strikes and judges: nothing twice, nothing lost, the same end as unharmed, what was lent given
  back, and a further run writes nothing.
- *Disturbed anywhere?* `faults.py` holds the matrix: what goes wrong, with which kind of request, at which of them.
- *Would we notice?* `mistakes.py` plants broken rules into a copy of the source; each must be caught by its scene
  (`scenes.py`), which passes on the product.

All of it judges by the memory of the simulated MOCO, never by the program's database or answers. `worlds.py` is a world
of `tests/system/harness.py` whose moments can be brought back, and whose runs come from `forkserver.py`: a process that
imported the product once and forks a child for each command line, which costs tens of milliseconds.

`make test` takes a part of the points and of the matrix. `make torture` (`__main__.py`, `jobs.py`) takes everything, on
SQLite and PostgreSQL, and ten thousand kills: `make torture POINTS=500`, or with any option of `python -m tests.torture
--help` in `OPTIONS=`.
"""
