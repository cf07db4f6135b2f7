"""The operations page, in real Chromium on the whole running program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from playwright.sync_api import expect

from tests.e2e.browser import PHONE, Faults, overflow
from tests.e2e.stack import MARKS, URL, Program

pytestmark = [pytest.mark.browser, *MARKS]

BREAKER = "asterism:breaker:youtube"


@pytest.fixture
def left_alone(running: Program) -> Iterator[None]:
    """Open the breaker of a provider that nothing here asks."""
    with redis.Redis(unix_socket_path=str(running.folder / "run" / "valkey.sock")) as server:
        server.hset(BREAKER, mapping={"open_until": time.time() + 3600, "why": "YouTube answers with an error (503)."})
        try:
            yield
        finally:
            server.delete(BREAKER)


@pytest.mark.usefixtures("left_alone")
def test_a_provider_that_is_left_alone_is_asked_again_after_a_question(page: Any) -> None:
    faults = Faults(page)
    page.goto(f"{URL}/operations")
    row = page.locator(".providers tr", has_text="YouTube answers with an error (503).")
    row.get_by_text("left alone until").wait_for()
    row.get_by_role("button", name="Ask again").click()
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    row.get_by_role("button", name="Ask again").click()
    page.get_by_role("button", name="Yes, ask it again").click()
    page.get_by_text("YouTube is asked again from now on.").wait_for()
    expect(page.locator(".providers .mark.bad")).to_have_count(0)
    assert faults.found == []


def test_a_device_without_network_is_offline_at_once(page: Any, sample: str) -> None:
    page.goto(f"{URL}/operations")
    live = page.locator(".live", has_text="live")
    expect(live).to_be_visible()
    page.context.set_offline(True)
    expect(live).to_be_hidden(timeout=3_000)
    expect(page.locator(".when-offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".when-offline")).to_be_hidden()
    expect(live).to_be_visible(timeout=60_000)


@pytest.mark.usefixtures("sample")
def test_all_that_match_are_counted_in_the_question_and_nothing_is_done_without_a_yes(page: Any) -> None:
    page.goto(f"{URL}/operations?state=waiting&queue=analyse")
    page.get_by_role("button", name="All that match").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("No job that matches stands where it could pause.").wait_for()
    expect(page.get_by_role("alertdialog")).to_have_count(0)


@pytest.mark.usefixtures("sample")
def test_the_focus_comes_back_to_the_row_from_its_form_however_that_goes(page: Any) -> None:
    page.goto(f"{URL}/operations")
    hold, release = (page.get_by_role("button", name=f"{word} publish") for word in ("Hold…", "Release"))
    for leave in ("Escape", "Enter"):
        hold.click()
        expect(page.locator("#reason")).to_be_focused()
        if leave == "Escape":
            page.keyboard.press("Escape")
        else:
            page.keyboard.press("Tab")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        expect(page.locator("#reason")).to_have_count(0)
        expect(hold).to_be_focused()
    hold.click()
    page.fill("#reason", "We look at what it does.")
    page.keyboard.press("Enter")
    expect(release).to_be_focused()
    page.keyboard.press("Enter")
    expect(hold).to_be_focused()


@pytest.mark.usefixtures("sample")
def test_a_job_opens_by_keyboard_with_its_story_and_closes_again(page: Any) -> None:
    page.goto(f"{URL}/operations?state=all")
    name = page.get_by_role("button", name="Write the report")
    name.focus()
    page.keyboard.press("Enter")
    opened = page.get_by_role("region", name="The chosen job")
    expect(opened.locator(".job-lines li").last).to_contain_text("Writing the report")
    expect(name).to_have_attribute("aria-expanded", "true")
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    opened.get_by_role("button", name="Close this job").click()
    expect(opened).to_have_count(0)
