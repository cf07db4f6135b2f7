"""One running program and one browser for all page tests of a module, and who is signed in there.

A slow machine must only make these tests slower: each waits for what it needs, and pytest's own limit counts neither
the start nor the wait for the port, which another checkout's tests may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import DESKTOP, PATIENCE_SECONDS, chromium
from tests.e2e.stack import URL, Program, program


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, browser: Any) -> Iterator[Program]:
    del browser  # without one the test skips before anything is built
    with program(Path(request.config.cache.mkdir("asterism-pages"))) as found:
        found.start()
        yield found


@pytest.fixture(scope="module")
def signed_in(running: Program, browser: Any) -> Any:
    """Sign in once; return the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(running.link())
    page.wait_for_selector(".row-link")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture(scope="module")
def sample(browser: Any, signed_in: Any) -> str:
    """Watch the SAMPLE analysis until it is completed; return its address."""
    context = browser.new_context(storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{URL}/")
    page.click(".row-link")
    page.wait_for_selector(".page-head .mark:has-text('Completed')", timeout=PATIENCE_SECONDS * 1000)
    found = page.url.partition("?")[0]
    context.close()
    return str(found)


@pytest.fixture
def page(browser: Any, signed_in: Any) -> Iterator[Any]:
    """Give an empty page of a signed-in person, on a desk."""
    context = browser.new_context(viewport=DESKTOP, storage_state=signed_in)
    yield context.new_page()
    context.close()
