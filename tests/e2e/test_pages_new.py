"""Sign-in, the list of analyses and New analysis, in real Chromium on the whole running program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import DESKTOP, PATIENCE_SECONDS, PHONE, Faults, overflow
from tests.e2e.stack import MARKS, URL, Program

pytestmark = [pytest.mark.browser, *MARKS]

ANY_SIGN_IN = re.compile(r"/sign-in")
ANY_ANALYSIS = re.compile(r"/analyses/[0-9a-f-]{36}$")
FIRST_LOAD_BYTES = 430_000
READY = {
    "/": ".row-link, .empty",
    "/new": "#start-reason:has-text('Name')",
    "/operations": ".queues tbody tr",
    "/sign-in": "#token",
}
START = "button:has-text('Start analysis')"


@pytest.fixture
def visitor(browser: Any, running: Program) -> Iterator[Any]:
    """Give a page of a person who is not signed in."""
    context = browser.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(visitor: Any, running: Program) -> Any:
    """Give a page of a signed-in person, on the list."""
    visitor.goto(running.link())
    visitor.wait_for_selector(".row-link, .empty")
    return visitor


def open_new(page: Any) -> None:
    page.goto(f"{URL}/new")
    page.wait_for_selector("#start-reason:has-text('Name at least one place')")


def test_a_stranger_is_led_to_the_sign_in_and_gets_in_with_the_pasted_link(visitor: Any, running: Program) -> None:
    visitor.goto(f"{URL}/")
    visitor.wait_for_url(ANY_SIGN_IN)
    visitor.fill("#token", f"{URL}/welcome?token=wrong")
    visitor.click("button:has-text('Sign in')")
    visitor.wait_for_selector("[role=alert]:has-text('not valid')")
    visitor.fill("#token", running.link())
    visitor.click("button:has-text('Sign in')")
    visitor.wait_for_selector(".row-link, .empty")
    assert visitor.locator("h1").inner_text() == "Analyses"


def test_an_unknown_address_says_so_and_leads_home_also_without_a_session(visitor: Any, running: Program) -> None:
    answer = visitor.goto(f"{URL}/no/such/page")
    assert answer.status == 404
    visitor.wait_for_selector("h2:has-text('Nothing to see here')")
    visitor.click("a:has-text('All analyses')")
    visitor.wait_for_url(ANY_SIGN_IN)


def test_signing_out_leaves_every_tab(page: Any) -> None:
    other = page.context.new_page()
    other.goto(f"{URL}/")
    other.wait_for_selector(".live.good")
    page.click("[aria-label='Sign out']:visible")
    page.wait_for_url(ANY_SIGN_IN)
    other.wait_for_url(ANY_SIGN_IN)


def test_a_question_is_asked_by_keyboard_once_and_the_list_shows_it_live(page: Any) -> None:
    faults = Faults(page)
    before = page.locator(".row-link").count()
    page.wait_for_selector(".live.good")
    page.keyboard.press("n")
    page.wait_for_selector("#start-reason:has-text('Name at least one place')")
    page.keyboard.press("/")
    page.keyboard.type("r/homelab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".source:has-text('SAMPLE')")
    expect(page.locator("#paste")).to_have_value("")
    page.wait_for_selector(".band dd:has-text('$')")
    page.fill("#question", "Which gear do people wish existed?")
    watcher = page.context.new_page()
    watcher.goto(f"{URL}/")
    watcher.wait_for_selector(".live.good")
    page.locator(START).dblclick()
    page.wait_for_url(ANY_ANALYSIS)

    row = watcher.locator("tbody tr", has_text="Which gear do people wish existed?")
    row.locator("text=Completed").wait_for(timeout=PATIENCE_SECONDS * 1000)
    assert row.count() == 1
    assert watcher.locator(".row-link").count() >= before + 1
    watcher.keyboard.press("j")
    watcher.keyboard.press("Enter")
    watcher.wait_for_url(ANY_ANALYSIS)
    assert faults.found == []


def test_pasted_lines_become_places_and_what_is_not_one_says_what_to_write(page: Any) -> None:
    open_new(page)
    page.fill("#paste", "r/homelab\nself-hosted\nhttps://www.reddit.com/r/datahoarder/")
    page.wait_for_selector(".source >> nth=2")
    expect(page.locator(".source.bad")).to_have_count(1)
    assert "did you mean r/selfhosted?" in page.locator(".source.bad").inner_text()
    page.click("[aria-label='Remove r/homelab']")
    page.locator(".source", has_text="r/homelab").wait_for(state="detached")
    page.wait_for_selector(".source:has-text('items')")
    page.click("button:has-text('Use r/selfhosted')")
    expect(page.locator(".source.bad")).to_have_count(0)
    page.click("[aria-label='Remove r/datahoarder']")
    page.click("[aria-label='Remove r/selfhosted']")
    page.wait_for_selector("#start-reason:has-text('Name at least one place')")


def test_a_wrong_field_says_so_beside_itself_and_keeps_the_draft(page: Any) -> None:
    open_new(page)
    page.fill("#question", "Kept?")
    page.fill("#paste", "r/homelab")
    page.press("#paste", "Tab")
    page.wait_for_selector(".source")
    page.fill("#cap", "a lot")
    page.wait_for_selector("#cap-error:has-text('not an amount of dollars')")
    expect(page.locator(START)).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#start-reason:focus:has-text('not an amount of dollars')")
    page.fill("#cap", "0.25")
    expect(page.locator(START)).to_have_attribute("aria-disabled", "false")
    page.reload()
    page.wait_for_selector(".source")
    expect(page.locator("#question")).to_have_value("Kept?")
    expect(page.locator("#cap")).to_have_value("0.25")
    page.click("[aria-label='Remove r/homelab']")
    page.wait_for_selector("#start-reason:has-text('Name at least one place')")


@pytest.mark.parametrize("by", ["key", "click"])
def test_a_start_that_cannot_be_gives_the_focus_to_its_reason(page: Any, by: str) -> None:
    open_new(page)
    page.wait_for_selector("#question-hint:has-text('The local engine does not use this')")
    page.focus("#question")
    if by == "key":
        page.keyboard.press("Control+Enter")
    else:
        page.click(START, force=True)  # it says to be disabled, and can be pressed all the same
    page.wait_for_selector("#start-reason:focus:has-text('Name at least one place')")
    assert page.url.rstrip("/").endswith("/new")


def test_keys_show_their_list_and_lead_back(page: Any) -> None:
    open_new(page)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.uncheck("dialog[open] [data-single-keys]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    open_new(page)
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.click("[data-keys='?']")
    page.wait_for_selector("dialog[open]")
    assert page.url.rstrip("/").endswith("/new")
    page.check("dialog[open] [data-single-keys]")
    page.click("dialog[open] [aria-label='Close']")
    page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_selector(".row-link, .empty")
    page.keyboard.press("Tab")
    page.wait_for_selector(".skip:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main:focus")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/new", "/operations", "/sign-in"])
def test_no_page_is_wider_than_a_phone_or_breaks_a_rule_of_access(
    browser: Any, running: Program, path: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    faults = Faults(page)
    if path != "/sign-in":
        page.goto(running.link())
        page.wait_for_selector(".row-link, .empty")
    page.goto(f"{URL}{path}")
    page.wait_for_selector(READY[path])
    assert overflow(page) <= 0
    page.set_viewport_size(DESKTOP)
    assert overflow(page) <= 0
    assert faults.found == []
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.response["violations"] == [], results.generate_report()
    context.close()


@pytest.mark.parametrize("path", ["/", "/new", "/operations"])
def test_the_first_load_of_a_page_without_charts_stays_in_its_budget(browser: Any, running: Program, path: str) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(running.link())
    page.wait_for_selector(".row-link, .empty")
    fresh = browser.new_context(viewport=DESKTOP, storage_state=context.storage_state())
    page = fresh.new_page()
    session = fresh.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    page.goto(f"{URL}{path}")
    page.wait_for_selector(READY[path])
    page.wait_for_load_state("networkidle")
    assert 100_000 < sum(sizes) <= FIRST_LOAD_BYTES
    fresh.close()
    context.close()
