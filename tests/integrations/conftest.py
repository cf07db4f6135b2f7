"""Each test starts without tokens that another one fetched."""

from __future__ import annotations

import pytest

from integrations import oauth


@pytest.fixture(autouse=True)
def no_cached_tokens():
    oauth._tokens.clear()
    yield
    oauth._tokens.clear()
