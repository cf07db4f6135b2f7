"""How the YouTube Data API v3 reads a request, pages an answer and refuses."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from integrations.sandbox.remote import Request, Response

_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, reason: str, message: str, parameter: str = "", status: int = 400, domain: str = "youtube.parameter"
    ) -> None:
        """Keep what the body of the error says; `parameter` is the one to blame."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.parameter = parameter
        self.status = status
        self.domain = domain


def refusal(refused: Refused) -> Response:
    """Write an error as the API does."""
    one = {"message": refused.message, "domain": refused.domain, "reason": refused.reason}
    if refused.parameter:
        one |= {"location": refused.parameter, "locationType": "parameter"}
    told: dict[str, object] = {"code": refused.status, "message": refused.message, "errors": [one]}
    if refused.domain in {"usageLimits", "global"}:
        told["status"] = _STATUS.get(refused.status, "UNKNOWN")
    if refused.reason == "keyInvalid":
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        told["details"] = [{**info, "domain": "googleapis.com", "metadata": {"service": "youtube.googleapis.com"}}]
    return Response.json({"error": told}, refused.status)


def check_key(request: Request) -> None:
    """Raise `Refused` for a request without a key or token, or with the key `wrong`."""
    key = request.query.get("key") or request.headers.get("x-goog-api-key", "")
    if key == "wrong":
        raise Refused("keyInvalid", "API key not valid. Please pass a valid API key.", domain="usageLimits")
    if not key and not request.headers.get("authorization", "").lower().startswith("bearer "):
        message = (
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
            "other form of API consumer identity to call this API."
        )
        raise Refused("forbidden", message, status=403, domain="global")


def required(request: Request, name: str) -> str:
    """Return a parameter that must be there."""
    value = request.query.get(name, "")
    if not value:
        raise Refused("missingRequiredParameter", f"Required parameter: {name}", name)
    return value


def one_of(request: Request, *names: str) -> str:
    """Return the first of some filters that is there."""
    for name in names:
        if value := request.query.get(name):
            return value
    expected = ", ".join(names)
    raise Refused("missingRequiredParameter", f"No filter selected. Expected one of: {expected}", "parameters.")


def parts_of(request: Request, known: set[str]) -> set[str]:
    """Return the parts that are asked for."""
    parts = set(required(request, "part").split(","))
    if unknown := sorted(parts - known):
        raise Refused("unknownPart", f"'{unknown[0]}'", "part")
    return parts


def plain_text(request: Request) -> bool:
    """Say whether comments are wanted as plain text and not as HTML."""
    wanted = request.query.get("textFormat", "html")
    if wanted not in {"html", "plainText"}:
        raise Refused("invalidParameter", f"Invalid string value: '{wanted}'.", "textFormat")
    return wanted == "plainText"


def size_of(request: Request, *, default: int, largest: int) -> int:
    """Return how many results a page may hold."""
    text = request.query.get("maxResults", str(default))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    if not 0 <= size <= largest:
        message = f"Invalid value '{text}'. Values must be within the range: [0, {largest}]"
        raise Refused("invalidParameter", message, "maxResults")
    return size or default


def mark_of(request: Request) -> int:
    """Return a check sum of what is asked; a token is good for the same question only."""
    told = [f"{name}={value}" for name, value in sorted(request.query.items()) if name not in {"pageToken", "key"}]
    return zlib.crc32("&".join([request.path, *told]).encode())


def token_of(place: int, mark: int) -> str:
    """Write the token of the page that starts at `place`."""
    return urlsafe_b64encode(f"{mark:08x}.{place}".encode()).decode().rstrip("=")


def place_of(token: str | None, mark: int) -> int:
    """Return where a page starts; 0 without a token. Raises `Refused` for a token of another question."""
    if not token:
        return 0
    try:
        found, _, place = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(".")
        if int(found, 16) == mark:
            return int(place)
    except ValueError:
        pass
    message = "The request specifies an invalid page token."
    raise Refused("invalidPageToken", message, "pageToken")
