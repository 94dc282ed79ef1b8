"""What a file and the environment give, key by key, before anything is checked; a later source wins."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, get_origin

from migrator.app.configuration.model import is_secret, key_names, sections

PREFIX: Final = "MIGRATOR__"
FILE_SUFFIX: Final = "_file"
TOKEN_FILE: Final = "activecollab.token"  # noqa: S105 (the name of a file)
"""Where `login` keeps ActiveCollab's token, beside the configuration, unless `token_file` names another place."""
_SECTIONS: Final = sections()
_SIZE_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written; `source` begins with "file" or "environment"."""

    value: object
    source: str

    @property
    def place(self) -> str:
        """The source as an error begins with it."""
        return self.source.removeprefix("file ")


@dataclass(slots=True)
class Gathered:
    """Everything given, by section and attribute, with the problems met on the way."""

    values: dict[str, dict[str, Given]] = field(default_factory=lambda: {name: {} for name in _SECTIONS})
    problems: list[str] = field(default_factory=list)
    secret_files: dict[str, Path] = field(default_factory=dict)
    """The files that secrets were, or were to be, read from, by `section.key`."""
    may_be_missing: frozenset[str] = frozenset()
    """Secrets whose file need not exist: the command that is run writes it."""

    def take_table(self, table: Mapping[str, object], file: Path) -> None:
        """Add the keys of a parsed file; secrets named by `x_file` are read beside it."""
        source = f"file {file}"
        for name, content in table.items():
            if name not in _SECTIONS:
                self.problems.append(f"{file}: [{name}]: unknown section{_nearest(name, _SECTIONS)}")
            elif not isinstance(content, dict):
                self.problems.append(f"{file}: {name}: expected a table that begins with [{name}]")
            else:
                given = {key: Given(one, source) for key, one in content.items()}
                self._take_section(name, given, file.parent)

    def take_environment(self, environ: Mapping[str, str], base: Path) -> None:
        """Add every variable that begins with the prefix; they win over the file."""
        found: dict[str, dict[str, Given]] = {}
        for variable in sorted(environ):
            if not variable.startswith(PREFIX):
                continue
            name, _, key = variable.removeprefix(PREFIX).lower().partition("__")
            place = f"environment {variable}"
            if name not in _SECTIONS or not key:
                nearest = _nearest(name, _SECTIONS)
                self.problems.append(f"{place}: {name}: unknown section{nearest}")
                continue
            found.setdefault(name, {})[key] = Given(_from_text(name, key, environ[variable]), place)
        for name, given in found.items():
            self._take_section(name, given, base)

    def take_token_file(self, base: Path) -> None:
        """What `login` wrote beside the configuration, unless a token is given in another way."""
        given = self.values["activecollab"].get("token")
        if (given is None or given.value == "") and "activecollab.token" not in self.secret_files:
            file = base / TOKEN_FILE
            self.secret_files["activecollab.token"] = file
            if file.is_file():
                self._take_secret_file("activecollab.token_file", "token", Given(TOKEN_FILE, "default"), base)

    def _take_section(self, name: str, given: Mapping[str, Given], base: Path) -> None:
        section = _SECTIONS[name]
        attributes = key_names(section)
        secrets = [key for key, attribute in attributes.items() if is_secret(section, attribute)]
        known = [*attributes, *(f"{key}{FILE_SUFFIX}" for key in secrets)]
        for key, one in given.items():
            if key in attributes:
                self.values[name][attributes[key]] = one
            elif key not in known:
                nearest = _nearest(f"{name}.{key}", [f"{name}.{other}" for other in known])
                self.problems.append(f"{one.place}: {name}.{key}: unknown key{nearest}")
        for key in secrets:
            path = given.get(f"{key}{FILE_SUFFIX}")
            if path is None or path.value == "":
                continue
            if key in given and given[key].value != "":
                self.problems.append(
                    f"{path.place}: {name}.{key}: expected either {key} or {key}{FILE_SUFFIX}, not both"
                )
                continue
            self._take_secret_file(f"{name}.{key}{FILE_SUFFIX}", attributes[key], path, base)

    def _take_secret_file(self, dotted: str, attribute: str, path: Given, base: Path) -> None:
        if not isinstance(path.value, str):
            self.problems.append(f"{path.place}: {dotted}: expected the path of a file")
            return
        file = base / Path(path.value).expanduser()
        name = dotted.removesuffix(FILE_SUFFIX)
        self.secret_files[name] = file
        if name in self.may_be_missing and not file.exists():
            return
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text in UTF-8"
            self.problems.append(f"{path.place}: {dotted}: cannot read {file}: {reason}")
            return
        if not text:
            self.problems.append(f"{path.place}: {dotted}: expected the secret in {file}, which is empty")
            return
        section = dotted.partition(".")[0]
        self.values[section][attribute] = Given(text, f"{path.source} ({file})")


def parse_file(file: Path) -> tuple[Mapping[str, object], str]:
    """The tables of `file`, or an empty table and the problem that kept it from being read."""
    try:
        if file.stat().st_size > _SIZE_LIMIT:
            return {}, f"{file}: expected a configuration in TOML, not more than {_SIZE_LIMIT} bytes"
        return tomllib.loads(file.read_bytes().decode("utf-8-sig")), ""
    except OSError as error:
        return {}, f"{file}: cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return {}, f"{file}: expected a configuration in TOML in UTF-8"
    except tomllib.TOMLDecodeError as error:
        return {}, f"{file}: expected TOML: {error}"


def _nearest(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def _from_text(name: str, key: str, text: str) -> object:
    """`text` as the type its key wants where that is plain; else as it is, for the check to name."""
    section = _SECTIONS[name]
    attribute = key_names(section).get(key)
    annotation = section.model_fields[attribute].annotation if attribute else str
    stripped = text.strip()
    if annotation is bool:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            stripped.lower(), text
        )
    if annotation in {int, float}:
        return _number(stripped, text, whole=annotation is int)
    if get_origin(annotation) is tuple:
        return _list(stripped)
    return text


def _number(stripped: str, text: str, *, whole: bool) -> object:
    if re.fullmatch(r"[+-]?[0-9]{1,15}", stripped):
        return int(stripped)
    if not whole and re.fullmatch(r"[0-9]{0,15}\.[0-9]{1,15}", stripped):
        return float(stripped)
    return text


def _list(stripped: str) -> object:
    if stripped.startswith("["):
        try:
            return json.loads(stripped)
        except ValueError:
            return stripped
    return [one.strip() for one in stripped.split(",") if one.strip()]
