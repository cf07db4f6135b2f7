"""A key and a stored analysis for the tests of the API."""

from __future__ import annotations

import pytest

from app.core.db import Database
from app.services.access import Actor
from tests.app.api.v1.story import Api, Story, api_for, tell


@pytest.fixture
def api(sqlite_database: Database, workspace_actor: Actor) -> Api:
    return api_for(sqlite_database, workspace_actor)


@pytest.fixture
def story(sqlite_database: Database, workspace_actor: Actor) -> Story:
    return tell(sqlite_database, workspace_actor)
