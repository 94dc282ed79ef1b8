"""Tells the demo: chapters with a heading, one line of explanation, the command to type, and what came of it."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""

_INDENT = 3


class Tone(Enum):
    """How a line is meant; the value is its colour where colours are seen."""

    PLAIN = ""
    QUIET = "dim"
    """A detail of the line before."""
    PROVED = "green"
    STRANGE = "yellow"
    """Something that was done to the tool on purpose."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the story is written on; `fancy` signs need an encoding that has them."""

    width: int = _WIDEST
    colour: bool = False
    fancy: bool = True

    @classmethod
    def of(cls, stream: TextIO) -> Page:
        """The page that `stream` offers: colour only where a person sees it and did not decline it."""
        seen = stream.isatty() and os.environ.get("TERM") != "dumb"
        width = shutil.get_terminal_size((_WIDEST, 24)).columns
        encoding = (stream.encoding or "").lower()
        return cls(max(40, min(width, _WIDEST)), seen and not os.environ.get("NO_COLOR"), encoding.startswith("utf"))


class Story:
    """Tells each piece to whoever listens; without a listener the pieces wait in `untold`."""

    def __init__(self, page: Page, tell: Callable[[str], None] | None) -> None:
        self._page = page
        self._tell = tell or self._keep
        self._kept: list[str] = []
        self._chapter = 0

    @property
    def untold(self) -> str:
        """What nobody has been told yet."""
        return "\n".join(self._kept)

    def title(self, title: str, lines: Sequence[str]) -> None:
        """How the story begins."""
        self._print(Text(title, style="bold"), *(Text(line) for line in lines))

    def chapter(self, title: str, why: str, *commands: str) -> None:
        """Begin the next chapter; `commands` are what a person would type."""
        self._chapter += 1
        self._heading(f"{self._chapter}  {title}")
        typed = [Text.assemble(("$ ", "dim"), (command, "bold")) for command in commands]
        self._print(*self._indented([Text(why, style="italic"), *typed, Text()]))

    def part(self, title: str) -> None:
        """Begin a part that is no chapter."""
        self._heading(title)

    def pause(self) -> None:
        """Leave a line empty."""
        self._print(Text())

    def say(self, *lines: str, tone: Tone = Tone.PLAIN) -> None:
        """Some lines of what happened."""
        sign = {
            Tone.PLAIN: "",
            Tone.QUIET: "  ",
            Tone.PROVED: "✓ " if self._page.fancy else "ok ",
            Tone.STRANGE: "! ",
        }[tone]
        rows: list[RenderableType] = []
        for line in lines:
            # A sign stands alone in its column, so that a second line of the same sentence begins below the first.
            row = Table.grid()
            if sign:
                row.add_column(width=len(sign), style=tone.value)
            row.add_column(style="" if tone is Tone.PROVED else tone.value)
            row.add_row(*([sign] if sign else []), Text(line))
            rows.append(row)
        self._print(*self._indented(rows))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table; the first column is text, the others are figures."""
        table = Table.grid(padding=(0, 3))
        for at in range(len(header)):
            table.add_column(justify="left" if at == 0 else "right", no_wrap=at > 0)
        table.add_row(*(Text(name, style="dim") for name in header))
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._print(*self._indented([table]))

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names with what stands behind them; long paths stay in one piece."""
        width = max(len(name) for name, _ in rows)
        self._print(
            *(
                Text.assemble(" " * _INDENT, (f"{name:<{width}}", "dim"), "  ", value, overflow="ignore", no_wrap=True)
                for name, value in rows
            )
        )

    def _heading(self, title: str) -> None:
        line = "─" if self._page.fancy else "-"
        rule = Rule(Text(title, style="bold cyan"), align="left", characters=line, style="cyan")
        self._print(Text(), rule)

    @staticmethod
    def _indented(lines: Sequence[RenderableType]) -> list[RenderableType]:
        return [Padding(line, (0, 0, 0, _INDENT)) for line in lines]

    def _print(self, *pieces: RenderableType) -> None:
        file = io.StringIO()
        console = Console(
            file=file,
            width=self._page.width,
            force_terminal=self._page.colour,
            no_color=not self._page.colour,
            color_system="standard" if self._page.colour else None,
            legacy_windows=False,
            highlight=False,
            emoji=False,
        )
        console.print(Group(*pieces), crop=False, soft_wrap=False)
        # Rich fills lines up to the width; nobody copies blanks gladly.
        self._tell("\n".join(line.rstrip() for line in file.getvalue().splitlines()))

    def _keep(self, piece: str) -> None:
        self._kept.append(piece)
