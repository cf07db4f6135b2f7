from __future__ import annotations

import pytest

from state.links import outward


@pytest.mark.parametrize("address", ["https://example.org/a?b=1#c", "http://127.0.0.1:8000/r/x"])
def test_addresses_of_web_pages_stay(address: str) -> None:
    assert outward(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//example.org",
        "/analyses",
        "https:",
        "https://[bad",
        "",
    ],
)
def test_what_is_no_web_page_is_not_made_clickable(address: str) -> None:
    assert outward(address) == ""
