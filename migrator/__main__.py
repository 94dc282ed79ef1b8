"""Runs the command line as `python -m migrator`."""

from migrator.app.cli.main import run

raise SystemExit(run())
