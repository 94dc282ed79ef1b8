"""Finds, merges and checks the configuration; every problem is reported at once."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from migrator.app.configuration.given import PREFIX, Gathered, Given, parse_file
from migrator.app.configuration.model import (
    EXAMPLE_MOCO_URL,
    ActiveCollab,
    Config,
    Database,
    Network,
    Section,
    is_secret,
    key_names,
    sections,
)
from migrator.app.configuration.rules import Complaint, broken_rules
from migrator.app.configuration.show import as_toml
from migrator.app.configuration.types import Expected
from migrator.app.secret import mask
from migrator.errors import ConfigurationError

DEFAULT_FILE: Final = Path("migrator.toml")
PATH_VARIABLE: Final = "MIGRATOR_CONFIG"
_KINDS: Final[dict[object, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


def config_path(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The file to use: the one given, else the one named by the environment, else `./migrator.toml`."""
    if given is not None:
        return given
    named = environ.get(PATH_VARIABLE, "")
    return Path(named).expanduser() if named else DEFAULT_FILE


def load(
    given: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    may_be_missing: frozenset[str] = frozenset(),
) -> Config:
    """The checked configuration from the file and the environment (which wins).

    ConfigurationError carries every problem; the files of the secrets in `may_be_missing` need not exist. Without
    a configuration file, `MIGRATOR__…` variables are enough.
    """
    variables = os.environ if environ is None else environ
    path = config_path(given, variables).absolute()
    by_name = given is not None or bool(variables.get(PATH_VARIABLE))
    from_variables = any(variable.startswith(PREFIX) for variable in variables)
    gathered = Gathered(may_be_missing=may_be_missing)
    if path.exists():
        table, problem = parse_file(path)
        gathered.problems += [problem] if problem else []
        gathered.take_table(table, path)
    elif by_name or not from_variables:
        raise ConfigurationError(
            (f"{path}: there is no such configuration file",),
            hint="`migrator init` writes a commented one; --config FILE or MIGRATOR_CONFIG names another.",
        )
    gathered.take_environment(variables, path.parent)
    gathered.take_token_file(path.parent)
    return _checked(gathered, path)


def _checked(gathered: Gathered, path: Path) -> Config:
    checked: dict[str, Section] = {}
    sources: dict[str, str] = {}
    for name, section in sections().items():
        given = gathered.values[name]
        checked[name], problems = _check_section(name, section, given, path)
        gathered.problems += problems
        names = {attribute: key for key, attribute in key_names(section).items()}
        sources |= {f"{name}.{names[attribute]}": one.source for attribute, one in given.items()}
    if gathered.problems:
        raise ConfigurationError(
            tuple(mask(problem) for problem in gathered.problems),
            hint="`migrator config check` lists all problems again.",
        )
    return Config.assembled(checked, sources, path if path.exists() else None, gathered.secret_files)


def _check_section(
    name: str, section: type[Section], given: Mapping[str, Given], path: Path
) -> tuple[Section, list[str]]:
    """The section, without the keys that cannot be used, and what is wrong with those."""
    keys = key_names(section)
    values = {key: given[attribute].value for key, attribute in keys.items() if attribute in given}
    problems: dict[str, str] = {}
    try:
        checked = section.model_validate(values)
    except ValidationError as error:
        for key in dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_input=False)):
            complaint = Complaint(key, _expectation(section.model_fields[keys[key]]))
            problems[key] = _told(name, section, complaint, given[keys[key]])
        # What is left is checked all the same: one problem must not hide the next.
        checked = section.model_validate({key: one for key, one in values.items() if key not in problems})
    checked = _with_absolute_paths(checked, path.parent)
    for complaint in broken_rules(checked):
        if complaint.key not in problems:
            attribute = keys[complaint.key]
            default = Given(getattr(checked, attribute), f"file {path}")
            problems[complaint.key] = _told(name, section, complaint, given.get(attribute, default))
    return checked, list(problems.values())


def _told(name: str, section: type[Section], complaint: Complaint, given: Given) -> str:
    """One line: where, which key, what was expected and what was there; a secret is never repeated."""
    start = f"{given.place}: {name}.{complaint.key}: "
    attribute = key_names(section)[complaint.key]
    if is_secret(section, attribute):
        return f"{start}expected {complaint.expected}"
    shown = as_toml(given.value)
    return f"{start}expected {complaint.expected}, not {shown if len(shown) <= 80 else shown[:77] + '...'}"


def _expectation(field: FieldInfo) -> str:
    """What a key accepts, in words."""
    for marker in field.metadata:
        if isinstance(marker, Expected):
            return marker.words
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f'"{word}"' for word in annotation)
    return _KINDS.get(annotation, "another value") + _range(field)


def _range(field: FieldInfo) -> str:
    words = ""
    for limit in field.metadata:
        match limit:
            case Ge(ge=least):
                words += f" from {least}"
            case Gt(gt=least):
                words += f" over {least}"
            case Le(le=most):
                words += f" to {most}" if "from" in words else f" and up to {most}"
            case MinLen(min_length=least):
                words += f" of {least}"
            case MaxLen(max_length=most):
                words += f" to {most} characters" if words else f" of at most {most} characters"
            case _:
                pass
    return words


def _with_absolute_paths(section: Section, base: Path) -> Section:
    """`section` with its relative paths taken from the folder of the file."""
    match section:
        case Database(url=url):
            start = "sqlite:///"
            name, mark, query = url.removeprefix(start).partition("?")
            if not url.startswith(start) or not name or ":memory:" in name:
                return section
            file = base / Path(name).expanduser()
            return section.model_copy(update={"url": f"{start}{file}{mark}{query}"})
        case ActiveCollab(files=files):
            return section.model_copy(update={"files": tuple(_absolute_pattern(one, base) for one in files)})
        case Network(ca_file=ca_file) if ca_file:
            return section.model_copy(update={"ca_file": str(base / Path(ca_file).expanduser())})
        case _:
            return section


def _absolute_pattern(pattern: str, base: Path) -> str:
    # Only what the user wrote is a pattern; brackets in the folder's own name are not.
    path = Path(pattern).expanduser()
    return str(path) if path.is_absolute() else str(Path(glob.escape(str(base))) / path)


# -- what some commands need ---------------------------------------------------------------------------------


def moco_problems(config: Config) -> tuple[str, ...]:
    """What keeps this configuration from talking to MOCO."""
    problems = []
    place = config.path or "environment"
    if config.moco.url.rstrip("/") == EXAMPLE_MOCO_URL:
        problems.append(
            f"{place}: moco.url: expected the address of your MOCO account, not the example {EXAMPLE_MOCO_URL}"
        )
    if not config.moco.api_key:
        problems.append(
            f"{place}: moco.api_key: missing; expected MOCO's API key as api_key, as api_key_file"
            f" or in the environment as {PREFIX}MOCO__API_KEY"
        )
    return tuple(problems)


def source_problems(config: Config) -> tuple[str, ...]:
    """What keeps this configuration from reading ActiveCollab."""
    section, place = config.activecollab, config.path or "environment"
    if section.url and not section.token:
        return (
            f"{place}: activecollab.token: missing; expected ActiveCollab's API token as token, as token_file"
            f" or in the environment as {PREFIX}ACTIVECOLLAB__TOKEN (5.x and later: `migrator login`)",
        )
    if section.files or section.url:
        return ()
    return (f"{place}: activecollab.files: missing; expected the export files to read, or activecollab.url",)


def require_moco(config: Config) -> None:
    """ConfigurationError unless `config` can talk to MOCO."""
    if problems := moco_problems(config):
        raise ConfigurationError(problems, hint="`migrator config check` lists all problems again.")


def require_source(config: Config) -> None:
    """ConfigurationError unless `config` names something to read."""
    if problems := source_problems(config):
        raise ConfigurationError(problems, hint="Name files in [activecollab], or after `migrator read`.")
