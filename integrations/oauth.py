"""Tokens by the client-credentials grant (RFC 6749, section 4.4), cached in the process.

token in cache ──▶ call ──401──▶ one new token ──▶ call ──401──▶ NeedsReauth
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import SecretStr

from integrations.errors import ContractChanged, NeedsReauth, Rejected
from integrations.http import HttpClient

Answer = TypeVar("Answer")

EXPIRY_MARGIN = 300.0
"""Seconds before its end at which a token counts as expired, so that none dies in the middle of a page."""

_DEFAULT_LIFETIME = 3600.0


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    good_until: float


_tokens: dict[tuple[str, str], _Token] = {}
"""By token address and client id: the jobs of one process share a token."""


class ClientCredentials:
    """Keys of one client at one provider, and the tokens they give."""

    def __init__(self, auth_url: str, client_id: str, client_secret: SecretStr) -> None:
        self._auth_url = auth_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._key = (auth_url, client_id)

    def __repr__(self) -> str:
        return f"ClientCredentials({self._auth_url!r})"

    async def call(self, http: HttpClient, send: Callable[[Mapping[str, str]], Awaitable[Answer]]) -> Answer:
        """Return what `send(headers)` returns, where the headers carry a token.

        A refused token is replaced once. Raises `NeedsReauth` when the new one is refused too or none is given.
        """
        token = await self.token(http)
        try:
            return await send(_bearer(token))
        except NeedsReauth:
            token = await self.token(http, refused=token)
        try:
            return await send(_bearer(token))
        except NeedsReauth:
            self.forget(token)
            raise

    async def token(self, http: HttpClient, *, refused: SecretStr | None = None) -> SecretStr:
        """Return a token that stays good for minutes, and is not the `refused` one. Raises `ProviderError`."""
        if refused is not None:
            self.forget(refused)
        cached = _tokens.get(self._key)
        if cached is not None and time.monotonic() < cached.good_until:
            return cached.value
        fresh = await self._fetch(http)
        _tokens[self._key] = fresh
        return fresh.value

    def forget(self, token: SecretStr | None = None) -> None:
        """Drop the cached token; with `token`, only if it is still that one (another job may have replaced it)."""
        cached = _tokens.get(self._key)
        if cached is not None and (token is None or cached.value == token):
            del _tokens[self._key]

    async def _fetch(self, http: HttpClient) -> _Token:
        pair = f"{self._client_id}:{self._client_secret.get_secret_value()}".encode()
        asked_at = time.monotonic()
        refusal = f"{http.label} does not accept the client id and secret; check the keys in the settings."
        try:
            value, facts = await http.post_form_json(
                self._auth_url,
                data={"grant_type": "client_credentials"},
                headers={"authorization": f"Basic {base64.b64encode(pair).decode()}"},
                operation="auth",
            )
        except (NeedsReauth, Rejected) as error:
            # RFC 6749, section 5.2: wrong client keys may be answered with 400 as well as 401.
            if error.status not in {400, 401, 403}:
                raise
            raise NeedsReauth(refusal, provider=http.provider, status=error.status, sample=error.sample) from None
        if isinstance(value, dict) and isinstance(value.get("error"), str):
            raise NeedsReauth(refusal, provider=http.provider, status=facts.status)
        token = value.get("access_token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise ContractChanged(
                f"{http.label} answered without a token where one was expected.",
                provider=http.provider,
                status=facts.status,
            )
        lifetime = value.get("expires_in")
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not math.isfinite(lifetime):
            lifetime = _DEFAULT_LIFETIME
        margin = min(EXPIRY_MARGIN, lifetime / 2)
        return _Token(SecretStr(token), asked_at + lifetime - margin)


def _bearer(token: SecretStr) -> dict[str, str]:
    return {"authorization": f"Bearer {token.get_secret_value()}"}
