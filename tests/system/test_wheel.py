"""The wheel holds everything: built from the tree, installed apart from it, used in another folder."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import migrator

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> str:
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("MIGRATOR", "PYTHON", "PIP_"))}
    # Nothing may be asked for on the network, and nothing may be found in the tree by accident.
    environ |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "TMPDIR": str(cwd)}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def _build(folder: Path) -> Path:
    """The wheel of a copy of the tree, so that nothing built is left behind in it."""
    tree = folder / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in ("migrator", "migrations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", cwd=tree)
    (wheel,) = (folder / "dist").iterdir()
    return wheel


def _install(wheel: Path, folder: Path) -> Path:
    """The folder of programs of a new environment: our wheel, and the dependencies that these tests run with."""
    venv.create(folder, symlinks=True)
    _run(sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps", wheel, cwd=folder)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # A path file adds the dependencies behind the new environment's own packages; unlike a site folder, the
    # editable installation of the tree that lies among them is not followed.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    return folder / "bin"


def _modules(folder: str, inside: str = "") -> set[str]:
    """Every module of a folder of the tree, as the wheel should name it."""
    return {(Path(inside) / path.relative_to(ROOT)).as_posix() for path in (ROOT / folder).rglob("*.py")}


def test_the_wheel_alone_does_everything(tmp_path: Path) -> None:
    wheel = _build(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    # The packages are listed by hand: a forgotten one would be missed here first.
    assert {"migrator/py.typed", *_modules("migrator"), *_modules("migrations", "migrator")} <= names
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]

    programs = _install(wheel, tmp_path / "venv")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = programs / "migrator"
    found = _run(programs / "python", "-c", "import migrator; print(migrator.__file__)", cwd=elsewhere)
    assert Path(found.strip()).is_relative_to(tmp_path / "venv")
    assert _run(program, "--version", cwd=elsewhere) == f"migrator {migrator.__version__}\n"
    assert _run(programs / "python", "-m", "migrator", "--version", cwd=elsewhere).startswith("migrator ")
    # The configuration comes from a template, the database from the migrations.
    assert "created the database" in _run(program, "init", cwd=elsewhere)
    assert _run(program, "db", "check", cwd=elsewhere) == "The database is what it should be.\n"
    # The sample data and the simulated MOCO are inside as well.
    told = _run(program, "demo", "--records", "60", "--keep", "demo", cwd=elsewhere)
    assert "0 changes. Nothing to do: all 59 source records stay as they are." in told  # one is in the trash
    assert (elsewhere / "demo" / "migrator.db").is_file()
