from __future__ import annotations

import pytest

from integrations.redaction import redact
from tests.integrations.http_calls import KEY


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token": "{KEY}"}}',
        f"Authorization: Bearer {KEY}",
        f"?api_key={KEY}&x=1",
        f"password={KEY}",
        f"{KEY}{'a' * 40}",
        f"cookie: {KEY}",
        f'"client_secret" : "{KEY}"',
        f"{KEY}@example.org",
    ],
)
def test_what_looks_like_a_credential_is_cut_from_samples(text) -> None:
    assert KEY not in redact(text)
