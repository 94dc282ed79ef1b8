"""The documents against the code: what they name exists, and what exists is named."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from migrator.app.cli.options import extract
from migrator.app.cli.root import build
from migrator.app.configuration.model import key_names, sections
from migrator.errors import ExitCode, severest

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def _text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def _prose(document: str) -> str:
    """The document without its fenced blocks."""
    return _FENCE.sub("", _text(document))


def _section(document: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return re.split(r"^## ", _text(document).partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


# -- the command line ----------------------------------------------------------------------------------------------


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that can be called, with its words; Any, because Typer's command classes are not public."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, sub in inner.items():
        yield from _commands(sub, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(build())))


def _own_options(command: Any) -> set[str]:
    """The visible options of a command itself, without those that every command takes."""
    return {
        name
        for parameter in command.params
        if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False)
        for name in parameter.opts
        if name.startswith("--")
    }


def _command_lines(document: str) -> list[str]:
    """Every `migrator …` in the code spans and shell blocks of a document, without comments."""
    spans = [span for span in _SPAN.findall(_prose(document)) if span.startswith("migrator ")]
    blocks = [block for language, block in _FENCE.findall(_text(document)) if language == "sh"]
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("migrator ")]
    return [*spans, *lines]


def _wrong_with(line: str) -> str:
    """Why a command line would be refused; empty when it would not."""
    _, words = extract(shlex.split(line, comments=True)[1:])
    if not words or words == ["COMMAND", "--help"]:
        return ""
    path = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in COMMANDS), None)
    if path is None:
        # A group, or a prefix of a command in prose, is no command by itself.
        return f"there is no command {' '.join(words[:2])}"
    command, rest = COMMANDS[path], words[len(path) :]
    known = {name for parameter in command.params for name in parameter.opts}
    unknown = [word for word in rest if word.startswith("-") and word.partition("=")[0] not in {*known, "--help"}]
    if unknown:
        return f"{' '.join(path)} has no option {unknown[0]}"
    if rest and not any(parameter.param_type_name == "argument" for parameter in command.params):
        values = [word for word, before in zip(rest, ["", *rest], strict=False) if not {word[0], before[:1]} & {"-"}]
        if values:
            return f"{' '.join(path)} takes no argument {values[0]}"
    return ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_line_in_a_document_exists(document: str) -> None:
    wrong = {line: why for line in _command_lines(document) if (why := _wrong_with(line))}
    assert wrong == {}


def test_a_command_line_that_does_not_exist_is_noticed() -> None:
    assert _wrong_with("migrator teleport 3")
    assert _wrong_with("migrator plan --pilots")
    assert _wrong_with("migrator init here")
    assert not _wrong_with("migrator --json plan --user ada@example.com -v  # a part")


def test_readme_explains_every_command_and_option() -> None:
    told = _section("README.md", "Commands")
    rows = {line.split("|")[1].strip(): line for line in told.splitlines() if line.startswith("| `migrator ")}
    missing = []
    for path, command in COMMANDS.items():
        name = " ".join(("migrator", *path))
        row = next((line for start, line in rows.items() if f"{start} ".startswith((f"`{name}`", f"`{name} "))), None)
        if row is None:
            missing.append(name)
        else:
            missing += [f"{name} {option}" for option in sorted(_own_options(command)) if option not in row]
    assert missing == []


def test_readme_has_the_exit_codes_of_the_program() -> None:
    told = re.findall(r"^\| (\d+) \|", _section("README.md", "Exit codes"), re.MULTILINE)
    assert [int(code) for code in told] == sorted(int(code) for code in ExitCode)


def test_readme_tells_which_exit_code_wins_as_the_program_does() -> None:
    order = re.search(r"the most severe one wins: ([0-9, ]+)\.", _text("README.md"))
    assert order is not None
    told = [ExitCode(int(code)) for code in order[1].split(", ")]
    assert sorted(told) == sorted(ExitCode)
    assert [severest(*told[at:]) for at in range(len(told))] == told


# -- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_setting_in_a_document_exists(document: str) -> None:
    known = {f"{name}.{key}" for name, section in sections().items() for key in key_names(section)}
    known |= {f"{key}_file" for key in known}
    setting = re.compile(rf"({'|'.join(sections())})\.[a-z_]+")
    spans = (span.partition(" = ")[0] for span in _SPAN.findall(_prose(document)))
    # `store.tables` and the like are modules; their first words are no sections.
    assert {span for span in spans if setting.fullmatch(span)} - known == set()


# -- paths, links and tests ----------------------------------------------------------------------------------------


def _tree() -> Iterator[str]:
    """Every path in the tree of ARCHITECTURE; folders end with a slash."""
    block = next(block for _, block in _FENCE.findall(_section("ARCHITECTURE.md", "Tree")))
    folders: list[str] = []
    for line in block.splitlines():
        depth, odd = divmod(len(line) - len(line.lstrip()), 2)
        assert not odd, line
        name = line.split()[0]
        del folders[depth:]
        assert len(folders) == depth, line
        yield "".join((*folders, name))
        if name.endswith("/"):
            folders.append(name)


def test_every_path_in_the_tree_exists() -> None:
    missing = [path for path in _tree() if not (ROOT / path).exists() or path.endswith("/") != (ROOT / path).is_dir()]
    assert missing == []


def test_every_module_is_in_the_tree() -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "migrator").rglob("*.py")}
    modules |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "migrations/versions").glob("0*.py")}
    assert modules - set(_tree()) == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_a_code_span_exists(document: str) -> None:
    top = re.compile(r"(?:migrator|tests|config|deploy|docs|\.ci)/[\w./-]*")
    named = [span for span in _SPAN.findall(_prose(document)) if top.fullmatch(span)]
    named += [span for span in _SPAN.findall(_prose(document)) if re.fullmatch(r"migrations/[\w./-]*", span)]
    example = "migrations/versions/0002_what_it_does.py"
    assert [path for path in named if path != example and not (ROOT / path).exists()] == []


def test_every_short_path_in_architecture_exists() -> None:
    folders = "core|activecollab|moco|store|sandbox|app"
    named = re.findall(rf"`((?:{folders})/[\w./]+\.py)`", _prose("ARCHITECTURE.md"))
    assert named
    assert [path for path in named if not (ROOT / "migrator" / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_resolves(document: str) -> None:
    broken = []
    for target in _LINK.findall(_prose(document)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        place = ((ROOT / document).parent / file).resolve() if file else ROOT / document
        if not place.exists() or (anchor and anchor not in _anchors(place.relative_to(ROOT).as_posix())):
            broken.append(target)
    assert broken == []


def _anchors(document: str) -> set[str]:
    """The anchors that a forge makes of the headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(_prose(document))}


def test_every_test_that_architecture_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", _prose("ARCHITECTURE.md")))
    here = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert named
    assert named - here == set()
