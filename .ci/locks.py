# ruff: noqa: INP001 - a script, not a package
"""Checks that the lock files fit pyproject.toml: every dependency pinned inside its range, by hash, from no named host.

With `--write` it resolves them anew. Run by `make check` and `make lock`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package in a lock file."""
    found = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        match = PIN.match(line)
        if match:
            found[canonicalize_name(match[1])] = match[2]
    return found


def problems() -> list[str]:
    """Return what is wrong, a sentence each."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = [Requirement(text) for text in project["project"]["dependencies"]]
    develop = [Requirement(text) for group in project["dependency-groups"].values() for text in group]
    run_pins, all_pins = pins("requirements.lock"), pins("requirements-dev.lock")
    found = []
    for needed, lock, have in (
        (run, "requirements.lock", run_pins),
        (run + develop, "requirements-dev.lock", all_pins),
    ):
        for requirement in needed:
            version = have.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                found.append(
                    f"{lock} holds {requirement.name} {version or 'not at all'}, but {requirement} is asked for."
                )
    found += [
        f"{name} is {version} in requirements.lock and {all_pins.get(name)} in requirements-dev.lock."
        for name, version in run_pins.items()
        if all_pins.get(name) != version
    ]
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        if "://" in text or "--index-url" in text:
            found.append(f"{lock} names a host.")
        found += [
            f"{lock} pins {PIN.match(block)[1]} without a hash."
            for block in re.split(r"\n(?=\S)", text)
            if PIN.match(block) and "--hash=sha256:" not in block
        ]
    return found


def write() -> None:
    """Resolve both files anew."""
    for lock, groups in (("requirements.lock", []), ("requirements-dev.lock", ["--group", "test", "--group", "check"])):
        subprocess.run(  # noqa: S603 - our own command
            [
                *(
                    str(Path(sys.executable).with_name("uv")),
                    "pip",
                    "compile",
                    "pyproject.toml",
                    *groups,
                    "--universal",
                    "--generate-hashes",
                ),
                *(
                    "--no-annotate",
                    "--no-header",
                    "--no-emit-index-url",
                    "--python-version",
                    "3.11",
                    "--quiet",
                    "-o",
                    lock,
                ),
            ],
            cwd=ROOT,
            check=True,
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    wrong = problems()
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    sys.exit(bool(wrong))
