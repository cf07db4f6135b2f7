"""Real Chromium, driven by Playwright; tests that need it skip where there is none."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_SECONDS = 240.0
"""For an analysis to end, on a machine that does much else."""
STEP_SECONDS = 90.0
"""For a page to follow one action there."""


def executable() -> str:
    """Return the browser's path. Without one the test skips, or fails in CI, where it must run."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        message = "There is no Chromium; install it (`apt-get install chromium`) to run the browser tests."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser."""
    path = executable()
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        expect.set_options(timeout=STEP_SECONDS * 1000)
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield Patient(browser)
        browser.close()


class Patient:
    """A browser whose pages wait for `STEP_SECONDS` before they give up."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_context(self, **options: Any) -> Any:
        """Open a session of its own."""
        context = self._browser.new_context(**options)
        context.set_default_timeout(STEP_SECONDS * 1000)
        return context

    def close(self) -> None:
        """End it."""
        self._browser.close()


class Faults:
    """What a page complained about: errors in its console, uncaught exceptions, violations of the content policy."""

    def __init__(self, page: Any) -> None:
        """Listen to the page from now on."""
        self.found: list[str] = []
        page.on("console", lambda message: self.found.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.found.append(str(error)))


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def number(text: str) -> int:
    """Return the digits of a text as one number; -1 while there are none."""
    return int(re.sub(r"\D", "", text) or -1)
