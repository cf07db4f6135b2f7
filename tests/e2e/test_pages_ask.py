"""The page of questions, in real Chromium on the whole running program with its SAMPLE analysis."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import DESKTOP, PHONE, Faults, chromium, overflow
from tests.e2e.stack import URL, Program, program, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc"),
]

FIRST_LOAD_BYTES = 430_000
"""Budget of a page without charts, compressed, font included."""
SECONDS = 15


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, browser: Any) -> Iterator[Program]:
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
def address(browser: Any, signed_in: Any) -> str:
    """Wait until the sample analysis is completed; return the address of its questions."""
    context = browser.new_context(storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{URL}/")
    page.click(".row-link")
    page.wait_for_selector(".page-head .mark:has-text('Completed')", timeout=120_000)
    found = page.url.partition("?")[0]
    context.close()
    return f"{found}/ask"


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Any, signed_in: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=request.param, storage_state=signed_in)
    yield context.new_page()
    context.close()


def _ask(page: Any, text: str) -> None:
    page.fill("#ask-text", text)
    page.press("#ask-text", "Enter")
    page.wait_for_selector(f".ask-question:text-is('{text}')", timeout=SECONDS * 1000)


def test_a_question_is_answered_with_sources_that_open(page: Any, address: str) -> None:
    faults = Faults(page)
    page.goto(address)
    page.wait_for_selector(".ask-suggestion")
    page.press("body", "/")
    assert page.evaluate("document.activeElement.id") == "ask-text"
    _ask(page, "Which communities complain most about backups?")
    number = int(re.sub(r"\D", "", page.locator(".ask-table .door-number").first.inner_text()))
    quote = page.locator(".ask-sentences q").first.inner_text()
    page.locator(".ask-source").first.click()
    page.wait_for_selector(".evidence mark")
    assert page.locator(".evidence mark").inner_text().strip() in quote
    page.keyboard.press("Escape")
    page.wait_for_selector(".evidence", state="detached")
    assert overflow(page) <= 0

    page.locator(".ask-table .door-number").first.click()
    page.wait_for_selector(".list-head b")
    listed = page.locator(".list-head b")
    until(lambda: int(re.sub(r"\D", "", listed.inner_text())) == number, SECONDS, listed.inner_text)
    assert faults.found == []


def test_a_limit_is_taken_away_and_the_answer_has_another_address(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#ask-text")
    _ask(page, "What do people complain about with backups?")
    before = page.url
    page.locator(".chip-x").first.click()
    page.wait_for_selector(".chip s", timeout=SECONDS * 1000)
    assert page.url != before
    page.goto(before)
    page.wait_for_selector(".chip:has-text('only complaints')")


def test_what_nobody_said_is_not_in_the_data(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#ask-text")
    _ask(page, "Which penguins live in Lisbon?")
    page.wait_for_selector(".mark:has-text('Not in the data')")
    assert "items were searched" in page.locator(".ask-missing").inner_text()
    assert page.locator(".ask-sentences").count() == 0


def test_a_question_is_saved_and_deleted(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#ask-text")
    _ask(page, "What do people wish for around backups?")
    page.fill("#ask-name", "Backup wishes")
    page.press("#ask-name", "Enter")
    page.wait_for_selector("section:has-text('Saved questions') .ask-link:has-text('Backup wishes')")
    page.click("button:has-text('Delete')")
    page.wait_for_selector(".ask-link:has-text('Backup wishes')", state="detached")


def test_the_page_is_light(browser: Any, signed_in: Any, address: str) -> None:
    context = browser.new_context(viewport=DESKTOP, storage_state=signed_in)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_selector(".ask-suggestion")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) <= FIRST_LOAD_BYTES
    context.close()
