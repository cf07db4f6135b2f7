"""What a stand-in is: a class with an `id` that answers one request at a time, and the world it speaks of.

A remote is one module in this folder. The server finds it by scanning and mounts it at `/<id>/`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable
from urllib.parse import parse_qsl

from integrations.sandbox.corpus import Corpus


@dataclass(frozen=True, slots=True)
class Request:
    """One call, as a remote sees it."""

    method: str
    path: str
    """Below the remote's own prefix, percent-decoded, starting with a slash."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

    def form(self) -> dict[str, str]:
        """Return the fields of a URL-encoded body; the last one wins."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(slots=True)
class Response:
    """One answer."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    noted: dict[str, object] = field(default_factory=dict)
    """What is true of this call, for the request log: a test holds what was told against it."""

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Response:
        """Answer with `value` as JSON."""
        return cls(status, json.dumps(value).encode(), headers=headers)


@dataclass(frozen=True, slots=True)
class World:
    """What all remotes share."""

    corpus: Corpus
    started: float
    """Seconds since 1970 that the ages of the corpus count back from."""
    clock: Callable[[], float] = time.time


class Remote(Protocol):
    """A stand-in for one provider."""

    id: ClassVar[str]

    def __init__(self, world: World) -> None:
        """Prepare to answer; called once, before the first request."""

    def handle(self, request: Request) -> Response:
        """Answer one request; called from many threads at once."""

    def forget_token(self, request: Request) -> None:
        """Let the token that `request` carries expire now; does nothing where there are no tokens."""


@runtime_checkable
class Liar(Protocol):
    """A remote that can be made to lie, and that has a way of its own to refuse."""

    def lie(self, request: Request, lie: str) -> Response:
        """Answer one request with one of its `faults.LIES`."""

    def refuse(self, status: int) -> Response:
        """Write the error of a status as the provider does."""
