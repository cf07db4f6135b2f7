"""The back door for tests: faults, latency, quotas and the request log, at `/_control`, for whoever knows the secret.

GET    /_control/faults         armed faults with their hits
POST   /_control/faults         arm one (fields of `Fault` as JSON) → {"id": 3}
DELETE /_control/faults[/3]     disarm all (and latencies), or one
GET    /_control/quota          daily quotas by remote: {"youtube": {"limit": 10000, "used": 0}}
POST   /_control/quota          {"remote": "youtube", "limit": 500, "used": 0}; what is left out stays
POST   /_control/latency        {"remote": "*", "seconds": 0.05}
GET    /_control/requests       the request log
DELETE /_control/requests       clear it
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from http.client import HTTPConnection
from types import MappingProxyType
from typing import cast
from urllib.parse import urlsplit

from integrations.sandbox.faults import Fault, FaultBook
from integrations.sandbox.quota import Quota
from integrations.sandbox.remote import Request, Response
from integrations.sandbox.request_log import Entry, RequestLog

SECRET_HEADER = "X-Sandbox-Secret"  # noqa: S105 - the name of a header


class ControlDoor:
    """Answers below `/_control`."""

    def __init__(
        self, secret: str, faults: FaultBook, log: RequestLog, quotas: Mapping[str, Quota] = MappingProxyType({})
    ) -> None:
        """Open the door for `secret`. Raises `ValueError` when it is empty: that would let in anybody."""
        if not secret:
            raise ValueError("The sandbox needs a secret for /_control; an empty one would let in anybody.")
        self._secret = secret.encode()
        self._faults = faults
        self._log = log
        self._quotas = quotas

    def handle(self, request: Request) -> Response:
        """Answer one request; 403 without the secret."""
        given = request.headers.get(SECRET_HEADER.lower(), "").encode()
        if not hmac.compare_digest(given, self._secret):
            return Response.json({"error": f"Send the sandbox's secret in {SECRET_HEADER}."}, 403)
        noun, _, number = request.path.strip("/").partition("/")
        try:
            return self._answer(request, noun, number)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return Response.json({"error": str(error)}, 400)

    def _answer(self, request: Request, noun: str, number: str) -> Response:
        told: object = {}
        status = 200
        match request.method, noun:
            case "GET", "faults":
                told = self._faults.listed()
            case "POST", "faults":
                told, status = {"id": self._faults.set(Fault(**json.loads(request.body)))}, 201
            case "DELETE", "faults":
                self._faults.clear(int(number) if number else None)
            case "POST", "latency":
                wish = json.loads(request.body)
                self._faults.set_latency(str(wish.get("remote", "*")), float(wish["seconds"]))
            case "GET", "quota":
                told = {name: {"limit": quota.limit, "used": quota.used} for name, quota in self._quotas.items()}
            case "POST", "quota":
                wish = json.loads(request.body)
                quota = self._quotas[str(wish["remote"])]
                quota.set(*(None if wish.get(name) is None else int(wish[name]) for name in ("limit", "used")))
            case "GET", "requests":
                told = self._log.entries()
            case "DELETE", "requests":
                self._log.clear()
            case _:
                told, status = {"error": "There is no such control."}, 404
        return Response.json(told, status)


class Control:
    """Talks to a running sandbox's `/_control`."""

    def __init__(self, url: str, secret: str) -> None:
        """Remember where (`http://127.0.0.1:8123`) and the secret; makes no call."""
        self._host = urlsplit(url).netloc
        self._secret = secret

    def set_fault(self, fault: Fault) -> int:
        """Arm a fault and return its number. Raises `ValueError` when the sandbox refuses it."""
        return int(cast("dict[str, int]", self._call("POST", "faults", asdict(fault)))["id"])

    def set_latency(self, seconds: float, remote: str = "*") -> None:
        """Let every call wait so long."""
        self._call("POST", "latency", {"remote": remote, "seconds": seconds})

    def set_quota(self, remote: str, *, limit: int | None = None, used: int | None = None) -> None:
        """Set a remote's daily units, or how many of them are used, or both. Raises `ValueError` for what has none."""
        self._call("POST", "quota", {"remote": remote, "limit": limit, "used": used})

    def quota(self, remote: str) -> tuple[int, int]:
        """Return a remote's daily units and how many of them are used. Raises `KeyError` for what has none."""
        found = cast("dict[str, dict[str, int]]", self._call("GET", "quota"))[remote]
        return found["limit"], found["used"]

    def faults(self) -> list[dict[str, object]]:
        """Return the armed faults, each with `id` and `hits`."""
        return cast("list[dict[str, object]]", self._call("GET", "faults"))

    def clear(self, number: int | None = None) -> None:
        """Disarm one fault, or all faults and latencies."""
        self._call("DELETE", "faults" if number is None else f"faults/{number}")

    def requests(self) -> list[Entry]:
        """Return the request log, oldest first."""
        return cast("list[Entry]", self._call("GET", "requests"))

    def clear_requests(self) -> None:
        """Empty the request log."""
        self._call("DELETE", "requests")

    def _call(self, method: str, path: str, value: object = None) -> object:
        connection = HTTPConnection(self._host, timeout=10)
        try:
            body = None if value is None else json.dumps(value)
            connection.request(method, f"/_control/{path}", body, {SECRET_HEADER: self._secret})
            answer = connection.getresponse()
            told = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 400:
            raise ValueError(f"The sandbox refused {method} {path}: {told.get('error')}")
        return cast("object", told)
