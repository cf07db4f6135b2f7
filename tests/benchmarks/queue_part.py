"""The part of `docs/benchmarks.md` about the queue: `python -m tests.benchmarks.queue_part` writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.benchmarks import pace, small_behind_big, tables, waits

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- queue -->", "<!-- /queue -->"


def section(
    found: list[tables.Tables], waited: waits.Waits, behind: small_behind_big.Behind, paced: list[pace.Pace]
) -> str:
    """Return the part."""
    load = f"{os.getloadavg()[1]:.0f}"
    alone = f"{behind.alone_seconds:.1f} s alone, {behind.behind_seconds:.1f} s behind it"
    return f"""{BEGIN}
## The queue

Load average while it was measured: {load}, on the cores above. Where that is more than the cores, single times say
little; plans, shares and CPU times hold.

{tables.document(found)}

A claim is one durable transaction. A long job has one of its own, which costs some milliseconds of our own work and one
commit; of short work (`publish`, `billing`, `notify`, `upkeep`) a process takes up to fifty in one.

| promise | measured | wanted |
|---|---|---|
| starts inside the promised band, of {waited.asked} under a load that changes | {waited.share:.0%} | ≥ 80 % |
| … too early, too late | {waited.too_early}, {waited.too_late} |  |
| median and longest wait | {waited.median_wait:.1f} s, {waited.longest_wait:.1f} s |  |
| median width of the band | {waited.median_width:.0f} s |  |
| 200 items asked for behind {behind.big_items:,}: start | {behind.start_seconds:.1f} s | ≤ 5 s |
| … done | {alone} | nearly as alone |
{pace.document(paced)}
{END}
"""


def put(text: str, part: str) -> str:
    """Return a page with its part about the queue replaced, or added at its end."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}\n", re.DOTALL)
    return pattern.sub(lambda _: part, text) if pattern.search(text) else f"{text.rstrip()}\n\n{part}"


def kept(text: str) -> str:
    """Return the part of a page about the queue; empty when there is none."""
    found = re.search(f"{re.escape(BEGIN)}.*?{re.escape(END)}\n", text, re.DOTALL)
    return found[0] if found else ""


def main() -> None:
    """Measure, and write the part."""
    for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
        del os.environ[variable]
    found = tables.on_both(int(os.environ.get("BENCH_JOBS", "1000000")))
    behind = small_behind_big.alone(int(os.environ.get("BENCH_BIG", "100000")))
    part = section(found, waits.alone(), behind, pace.on_both())
    DOCUMENT.write_text(put(DOCUMENT.read_text(encoding="utf-8"), part), encoding="utf-8")
    print(part)


if __name__ == "__main__":
    main()
