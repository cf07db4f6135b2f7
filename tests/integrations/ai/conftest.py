"""What an address was found to speak is forgotten before each test."""

from __future__ import annotations

import pytest

from integrations import registry
from integrations.ai import openai as adapter
from tests.integrations.ai.world import truthful
from tests.local_server import serve


@pytest.fixture(autouse=True)
def nothing_learnt():
    registry.model("openai")
    adapter._chat_only.clear()
    adapter._completion_limit.clear()


@pytest.fixture
def server():
    with serve(truthful) as server:
        yield server
