"""One call to a server that answers as a test says."""

from __future__ import annotations

import asyncio

import pytest

from integrations.errors import ProviderError
from integrations.http import HttpClient
from tests.local_server import serve

KEY = "sk-made-up-key-of-nobody"


def get(reply, *, path="/", headers=None, form=None, **limits):
    """Make one call to a server that answers `reply`; return value, facts, what was asked, and requests made."""
    answer = reply if callable(reply) else lambda asked: reply
    with serve(answer) as server:

        async def call():
            async with HttpClient("example", user_agent="asterism-test", base_urls=[server.base], **limits) as http:
                if form is not None:
                    value, facts = await http.post_form_json(server.base + path, data=form, headers=headers)
                else:
                    params = {"q": "a b&ä", "left_out": None}
                    value, facts = await http.get_json(server.base + path, params=params, headers=headers)
                return value, facts, server.asked, http.requests

        return asyncio.run(call())


def fail(kind, reply, **options) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        get(reply, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value
