"""The content security policy, from pages as Reflex builds them."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from app.api.headers import Headers, Policy, script_hashes
from app.core.settings import Settings

PAGE = """<!DOCTYPE html><html><head><script src="/assets/a.js"></script>
<script>window.a = "<b>&amp;</b>"; if (1 < 2) {}</script><script type="module" async="">import "/assets/b.js";</script>
</head><body onload="no()"><script></script></body></html>"""


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_inline_scripts_are_hashed_as_the_browser_reads_them() -> None:
    expected = {_source('window.a = "<b>&amp;</b>"; if (1 < 2) {}'), _source('import "/assets/b.js";'), _source("")}
    assert set(script_hashes([PAGE, PAGE])) == expected


def test_the_policy_of_built_pages_allows_their_scripts_and_the_socket(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "index.html").write_text("<script>one()</script>", encoding="utf-8")
    (tmp_path / "404.html").write_text("<script>two()</script>", encoding="utf-8")
    policy = Policy.of_built_pages(Settings(public_url="https://listen.example"), tmp_path).text
    assert _source("one()") in policy
    assert _source("two()") in policy
    assert "connect-src 'self' wss://listen.example;" in policy


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("url", "path", "caching"),
    [
        ("https://listen.example", "/assets/index-abc.js", "public, max-age=31536000, immutable"),
        ("https://listen.example", "/api/v1/analyses", "no-store"),
        ("http://localhost:3000", "/", "no-cache"),
    ],
)
async def test_caching_and_transport_security_depend_on_path_and_scheme(url: str, path: str, caching: str) -> None:
    app = Headers(PlainTextResponse("ok"), Policy(Settings(public_url=url), []))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url) as client:
        answer = await client.get(path)
    assert answer.headers["cache-control"] == caching
    assert ("strict-transport-security" in answer.headers) is url.startswith("https")
