"""`make chaos` runs all and writes docs/reliability.md; `make soak SEED=… MINUTES=…` breaks things at random.

python -m tests.chaos [--workers 4] [--rounds 1] [--only EXPRESSION] [--page PATH]
python -m tests.chaos soak [--seed N] [--minutes M] [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos import chronicle
from tests.chaos.page import PAGE, write_page

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("what", nargs="?", default="matrix", choices=["matrix", "soak"])
    parser.add_argument("--workers", type=int, default=4, help="scenarios at a time; most of one is waiting")
    parser.add_argument("--rounds", type=int, default=1, help="how often the whole matrix runs")
    parser.add_argument("--only", default="", help="pytest -k expression; no page is written then")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", default="sqlite", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    return _soak(asked) if asked.what == "soak" else _matrix(asked)


def _matrix(asked: argparse.Namespace) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ast-chaos-") as folder:
        record = Path(folder) / "scenarios.jsonl"
        environment = os.environ | {"ASTERISM_CHAOS": "full", chronicle.FILE: str(record)}
        code = 0
        for _ in range(asked.rounds):
            command = [sys.executable, "-m", "pytest", "tests/chaos", "-q", "-n", str(asked.workers)]
            command += ["--dist", "load", "--maxschedchunk", "1"]  # one by one, so that the order stays ours
            command += ["-k", asked.only] if asked.only else []
            code |= subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        lines = chronicle.read(record)
    minutes = (time.monotonic() - began) / 60
    failed = [line for line in lines if not line["passed"]]
    sys.stdout.write(f"{len(lines)} scenarios in {minutes:.1f} minutes, {len(failed)} failed\n")
    if lines and not asked.only:
        write_page(asked.page, lines, minutes=minutes, rounds=asked.rounds)
        sys.stdout.write(f"wrote {asked.page}\n")
    return code


def _soak(asked: argparse.Namespace) -> int:
    seed = asked.seed if asked.seed is not None else int.from_bytes(os.urandom(4))
    environment = os.environ | {
        "ASTERISM_SOAK_SEED": str(seed),
        "ASTERISM_SOAK_MINUTES": str(asked.minutes),
        "ASTERISM_CHAOS": "full",
    }
    sys.stdout.write(f"Replay with: make soak SEED={seed} MINUTES={asked.minutes:g} DATABASE={asked.database}\n")
    sys.stdout.flush()
    limit = int(asked.minutes * 60 + 600)
    command = [sys.executable, "-m", "pytest", "tests/chaos/test_soak.py", "-q", "-s", f"--timeout={limit}"]
    return subprocess.run([*command, "-k", asked.database], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
