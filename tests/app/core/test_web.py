"""Cookie and origins, which the server, the API and the pages must agree on; `rxconfig.py` repeats them on its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.core import web
from app.core.settings import Settings

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:3000", ["http://localhost:3000", "http://127.0.0.1:3000"]),
        ("http://127.0.0.1:8080", ["http://localhost:8080", "http://127.0.0.1:8080"]),
        ("http://localhost", ["http://localhost", "http://127.0.0.1"]),
        ("https://listen.example", ["https://listen.example"]),
    ],
)
def test_reflex_accepts_exactly_our_own_origins(url: str, expected: list[str]) -> None:
    assert web.origins(Settings(public_url=url)) == expected
    program = "import json, rxconfig; print(json.dumps(list(rxconfig.config.cors_allowed_origins)))"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        env={"ASTERISM_PUBLIC_URL": url, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout.splitlines()[-1]) == expected


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("", ""),
        ("sid=abc", "abc"),
        ("theme=dark; sid=abc; other=1", "abc"),
        ("xsid=abc", ""),
        ("sid", ""),
        ("=;;;\x00sid=abc", ""),
        ('a={"b": [1, 2]}; x[y]=1; sid=abc', "abc"),
    ],
)
def test_the_token_is_read_from_a_cookie_header_whatever_else_is_in_it(
    data_folder: Path, header: str, token: str
) -> None:
    assert web.session_token(header) == token


def test_on_https_the_cookie_has_the_name_that_browsers_guard(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTERISM_PUBLIC_URL", "https://listen.example")
    from app.core.settings import settings

    settings.cache_clear()
    assert web.session_token("sid=no; __Host-sid=yes") == "yes"
