"""Faults that a test asks for: which calls they hit, and what those calls get in place of the answer."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from itertools import count
from random import Random
from threading import Lock

KINDS = (
    "status",
    "slow",
    "html",
    "expired_token",
    "reset",
    "drip",
    "gzip_bomb",
    "truncated",
    "malformed",
    "wrong_shape",
    "lie",
)
LIES = {
    "openai": (
        "usage_zero", "usage_huge", "usage_negative", "usage_missing", "usage_text", "usage_cached", "foreign_ids",
        "foreign_quotes", "obeys", "prose", "fenced", "trailing", "empty", "no_object", "damaged", "not_a_number",
        "no_output", "cut", "filtered", "refuses", "failed", "no_credit", "no_model", "no_responses", "redirect",
        "giant",
    ),
    "sentiment": (
        "too_few", "too_many", "unknown_label", "out_of_range", "not_a_number", "no_numbers", "turned_round",
    ),
}  # fmt: skip
"""What a remote can say that is not so, or refuse in a way of its own; each is explained where the remote is."""
RETRY_AFTER = ("date", "absent", "absurd")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, where and how often.

    Kinds: `status` (with `status` and `retry_after`), `slow` (waits `seconds`, then answers), `html` (a web page with
    `status` or 200), `expired_token` (the token that the call carries expires before it is looked at), `reset` (the
    connection breaks in the middle of the body), `drip` (the body comes in pieces over `seconds`), `gzip_bomb` (a small
    body that unpacks to `size` bytes), `truncated` (JSON cut off, with a length that fits), `malformed` (not JSON),
    `wrong_shape` (JSON of another shape), `lie` (the remote itself does not keep its word, in the way that `lie` names;
    see `LIES`).

    Where `status`, `html`, `gzip_bomb`, `malformed` and `wrong_shape` hit, the remote is never asked: nothing happened
    there. With the others it was, and only its answer suffers.
    """

    kind: str
    remote: str = "*"
    route: str = ""
    """Regular expression, searched in the path below the remote's prefix; empty hits every path."""
    method: str | None = None
    count: int | None = None
    """How many calls it hits before it is spent; None for no end."""
    skip: int = 0
    """How many matching calls pass unharmed first."""
    probability: float = 1.0
    seed: int = 0
    """Of the dice for `probability`: the same seed hits the same calls in the same order."""
    status: int = 503
    retry_after: str | None = None
    """Seconds as text, `date` (30 s from now, as an HTTP date), `absurd` (ten years), or None and `absent` for none."""
    seconds: float = 1.0
    size: int = 200_000_000
    lie: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what no call could ever meet."""
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; choose one of {', '.join(KINDS)}.")
        try:
            re.compile(self.route)
        except re.error as error:
            raise ValueError(f"The route {self.route!r} is not a regular expression: {error}.") from error
        known = LIES.get(self.remote, tuple(lie for lies in LIES.values() for lie in lies))
        if (self.kind == "lie" and self.lie not in known) or (self.lie and self.kind != "lie"):
            raise ValueError(f"There is no lie {self.lie!r} for {self.remote}; choose one of {', '.join(known)}.")
        if not 0 < self.probability <= 1:
            raise ValueError("The probability of a fault must be above 0 and at most 1.")
        if not 200 <= self.status <= 599:
            raise ValueError("The status of a fault must be from 200 to 599.")

    def retry_headers(self) -> dict[str, str]:
        """Return the Retry-After header of this fault, if any."""
        if self.retry_after in {None, "absent"}:
            return {}
        if self.retry_after == "date":
            return {"Retry-After": formatdate(time.time() + 30, usegmt=True)}
        return {"Retry-After": str(10 * 365 * 86_400) if self.retry_after == "absurd" else str(self.retry_after)}


@dataclass(slots=True)
class _Armed:
    fault: Fault
    dice: Random
    pattern: re.Pattern[str]
    met: int = 0
    hits: int = 0


@dataclass(slots=True)
class FaultBook:
    """The faults that are set. The first one that fits a call, in the order of setting, hits it."""

    _armed: dict[int, _Armed] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _latency: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def set(self, fault: Fault) -> int:
        """Arm a fault and return its number."""
        with self._lock:
            number = next(self._numbers)
            # Seeded dice decide which calls fail; nothing is guarded by them.
            self._armed[number] = _Armed(fault, Random(fault.seed), re.compile(fault.route))  # noqa: S311
            return number

    def set_latency(self, remote: str, seconds: float) -> None:
        """Let every call to `remote` (`*` for all) wait so long."""
        with self._lock:
            self._latency[remote] = seconds

    def clear(self, number: int | None = None) -> None:
        """Disarm one fault, or all and the latencies."""
        with self._lock:
            if number is None:
                self._armed.clear()
                self._latency.clear()
            else:
                self._armed.pop(number, None)

    def latency(self, remote: str) -> float:
        """Return how long a call to `remote` waits first, in seconds."""
        return self._latency.get(remote, self._latency.get("*", 0.0))

    def hit(self, remote: str, method: str, path: str) -> Fault | None:
        """Return the fault that this call meets, and count it."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed.values():
                fault = armed.fault
                if fault.remote not in {"*", remote} or fault.method not in {None, method}:
                    continue
                if (fault.count is not None and armed.hits >= fault.count) or not armed.pattern.search(path):
                    continue
                armed.met += 1
                if armed.met <= fault.skip or armed.dice.random() >= fault.probability:
                    continue
                armed.hits += 1
                return fault
        return None

    def listed(self) -> list[dict[str, object]]:
        """Return every armed fault with its number and how often it hit."""
        with self._lock:
            return [{"id": number, **asdict(armed.fault), "hits": armed.hits} for number, armed in self._armed.items()]
