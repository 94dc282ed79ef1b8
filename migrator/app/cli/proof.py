"""`explain` and `evidence`: what happened to one record, and the proof of a whole run."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.errors import UsageError

PANEL = "Look"
CHECK = "check"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(explain)
    root.command(cls=Command, rich_help_panel=PANEL)(evidence)


def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An ActiveCollab id, a marker, or an inbox item like i17.")],
) -> Answer:
    """Tell everything about one record, from its raw fragment to MOCO; asks nobody."""
    frame = Frame.of(context)
    from migrator.app.explain.command import explain as explain_record

    return explain_record(frame.place(), name)


def evidence(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN|check", help="A number or last; or check, and a package.")],
    package: Annotated[Path | None, typer.Argument(metavar="[PACKAGE]", help="The package to check.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the package is written.")
    ] = None,
    with_people: Annotated[
        bool, typer.Option("--with-people", help="Names, e-mail addresses and texts of people, too.")
    ] = False,
    root: Annotated[str, typer.Option("--root", metavar="HEX", help="The root hash that was noted for it.")] = "",
) -> Answer:
    """Pack the proof of a run into one file (RUN -o FILE), or check such a file (check FILE)."""
    frame = Frame.of(context)
    from migrator.app.evidence import command

    if run == CHECK:
        if package is None or output is not None or with_people:
            raise UsageError("a package is checked by its name alone", hint="migrator evidence check pack.zip")
        return command.check_evidence(package, root)
    if package is not None or root or output is None:
        raise UsageError("the run and the file for its package are needed", hint=f"migrator evidence {run} -o pack.zip")
    return command.make_evidence(frame.place(), run, output, with_people=with_people)
