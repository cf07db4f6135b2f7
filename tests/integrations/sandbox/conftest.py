"""One sandbox for the whole folder; its faults and its log are empty again before each test."""

from __future__ import annotations

import pytest

from integrations.sandbox.server import SandboxServer
from tests.integrations.sandbox.wire_client import WireClient

SECRET = "a made-up secret"


@pytest.fixture(scope="session")
def running_sandbox():
    with SandboxServer(secret=SECRET) as server:
        yield server


@pytest.fixture
def sandbox(running_sandbox):
    running_sandbox.faults.clear()
    running_sandbox.log.clear()
    return running_sandbox


@pytest.fixture
def reddit(sandbox):
    with WireClient(sandbox.url) as client:
        client.sign_in()
        yield client
