"""Real Chromium, driven by Playwright; tests that need it skip where there is none."""

from __future__ import annotations

import contextlib
import os
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
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


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
