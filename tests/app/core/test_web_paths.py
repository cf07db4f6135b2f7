"""Where somebody is led after signing in: pages of ours, and nowhere else."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.web import LONGEST_PATH, own_path

OWN = ["/", "/new", "/analyses/01a2?tab=items&text=a%20b", "/analyses/x/weights?frequency=50", "/apiary"]
FOREIGN = [
    "",
    "new",
    "//evil.example",
    "//evil.example/new",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/ /evil.example",
    "\t//evil.example",
    "https://evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "/new\r\nset-cookie: a=b",
    "/\u2044/evil.example",
    "/new\x00",
    "/new\x7f",
    "/.//evil.example",
    "/..//evil.example",
    "/x/../..//evil.example",
    "/x/../api/v1/keys",
    "/./api/v1/keys",
    "/%61pi/v1/keys",
    "/API/v1/keys",
    "/%2fevil.example",
    "/%5cevil.example",
    "/new/",
    "/sign-in",
    "/sign-in?next=/new",
    "/welcome?token=x",
    "/api/auth/sign-out",
    "/" + "a" * LONGEST_PATH,
]


@pytest.mark.parametrize("path", OWN)
def test_a_page_of_ours_is_gone_on_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize("path", FOREIGN)
def test_nothing_else_is(path: str) -> None:
    assert own_path(path) == ""


@given(st.text(alphabet="/\\.:@?#ax%2f \t\n", max_size=12))
def test_no_text_leads_to_another_site(text: str) -> None:
    found = own_path(text)
    assert found in {"", text}
    if found:
        assert urlsplit(urljoin("https://ours.example/sign-in", found)).netloc == "ours.example"
