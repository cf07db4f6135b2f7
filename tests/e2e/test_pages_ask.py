"""The page of questions, in real Chromium on the whole running program with its SAMPLE analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import DESKTOP, PHONE, STEP_SECONDS, Faults, number, overflow
from tests.e2e.stack import MARKS, until

pytestmark = [pytest.mark.browser, *MARKS]

FIRST_LOAD_BYTES = 430_000
"""Budget of a page without charts, compressed, font included."""


@pytest.fixture(scope="module")
def address(sample: str) -> str:
    return f"{sample}/ask"


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Any, signed_in: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=request.param, storage_state=signed_in)
    yield context.new_page()
    context.close()


def _ask(page: Any, text: str) -> None:
    page.fill("#ask-text", text)
    page.press("#ask-text", "Enter")
    page.wait_for_selector(f".ask-question:text-is('{text}')")


def test_a_question_is_answered_with_sources_that_open(page: Any, address: str) -> None:
    faults = Faults(page)
    page.goto(address)
    page.wait_for_selector(".ask-suggestion")
    page.press("body", "/")
    expect(page.locator("#ask-text")).to_be_focused()
    _ask(page, "Which communities complain most about backups?")
    counted = number(page.locator(".ask-table .door-number").first.inner_text())
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
    until(lambda: number(listed.inner_text()) == counted, STEP_SECONDS, listed.inner_text)
    assert faults.found == []


def test_a_limit_is_taken_away_and_the_answer_has_another_address(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#ask-text")
    _ask(page, "What do people complain about with backups?")
    before = page.url
    page.locator(".chip-x").first.click()
    page.wait_for_selector(".chip s")
    page.wait_for_url(lambda now: now != before)
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
