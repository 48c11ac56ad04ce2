"""What an environment has of what requirements.txt asks for, exactly: python -m tools.versions.frozen

Prints a line name==version for each package that requirements.txt names, or that such a package needs here, and
nothing for others that happen to be installed. Run it with the Python of the environment in question.
"""

import importlib.metadata
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from utils import environment

REQUIREMENTS = environment.course_root() / "requirements.txt"


def wanted(path=REQUIREMENTS):
    """Return what a requirements file asks for: a list of Requirement."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def applies(requirement, extras):
    """Tell whether a package needs this on this Python and system, if it was asked for with these extras."""
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def frozen(requirements):
    """Return name -> version of these packages and all that they need. Raises PackageNotFoundError for one lacking."""
    versions, seen, waiting = {}, set(), list(requirements)
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        versions[name] = importlib.metadata.version(name)
        needs = [Requirement(line) for line in importlib.metadata.requires(name) or []]
        waiting += [need for need in needs if applies(need, {"", *extras})]
    return versions


def main():
    """Print the list; return the exit status."""
    try:
        versions = frozen(wanted())
    except importlib.metadata.PackageNotFoundError as error:
        print(f"{error.name} is not installed: pip install -r requirements.txt", file=sys.stderr)
        return 1
    print(*(f"{name}=={version}" for name, version in sorted(versions.items())), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
