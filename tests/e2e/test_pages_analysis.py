"""The page of an analysis, in real Chromium on the whole running program with its SAMPLE analysis."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import DESKTOP, PHONE, Faults, number, overflow
from tests.e2e.browser import STEP_SECONDS as SECONDS
from tests.e2e.stack import MARKS, URL, until

pytestmark = [pytest.mark.browser, *MARKS]

FIRST_LOAD_BYTES = 800_000
"""Budget of a page with charts, compressed, font included."""
READY = {
    "overview": ".js-plotly-plot .barlayer .point",
    "opportunities": ".card",
    "items": ".item-said",
    "cost": ".tile-number",
    "jobs": ".jobs tbody tr",
}
TABS = tuple(READY)
LEAST_CHART_HEIGHT = 300
FULL = 100


def _open(page: Any, sample: str, tab: str, query: str = "") -> None:
    page.goto(f"{sample}?tab={tab}{query}")
    page.wait_for_selector(READY[tab])


def _listed(page: Any) -> int:
    return number(page.locator(".list-head b").inner_text())


@pytest.fixture
def held(browser: Any, signed_in: Any) -> Iterator[None]:
    """Hold a queue, so that no analysis ends before its time, however slow the page is."""
    context = browser.new_context(viewport=DESKTOP, storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{URL}/operations")
    row = page.locator(".queues tr", has_text="finds topics")
    row.get_by_role("button", name="Hold…").click()
    page.fill("#reason", "A test looks at what is under way")
    page.get_by_role("button", name="Hold", exact=True).click()
    row.get_by_text("A test looks at what is under way").wait_for()
    yield
    row.get_by_role("button", name="Release").click()
    row.get_by_role("button", name="Hold…").wait_for()
    context.close()


@pytest.mark.usefixtures("sample", "held")
def test_an_analysis_runs_before_your_eyes_and_can_be_held_and_ended(page: Any) -> None:
    page.goto(f"{URL}/new")
    page.fill("#question", "Which sync survives a bad network?")
    page.fill("#paste", "r/selfhosted")
    page.press("#paste", "Tab")
    page.wait_for_selector(".source:has-text('SAMPLE')")
    page.click("button:has-text('Start analysis')[aria-disabled='false']")
    page.wait_for_selector(".progress")
    bar = page.get_by_role("progressbar", name="Overall progress")
    page.click("button:has-text('Pause')")
    page.wait_for_selector(".page-head .mark:has-text('Paused')")
    assert 0 <= int(bar.get_attribute("aria-valuenow")) < FULL
    page.click("button:has-text('What happened')")
    page.wait_for_selector(".timeline li:has-text('Paused')")
    page.click("button:has-text('Resume')")
    page.wait_for_selector(".page-head .mark:has-text('Running'), .page-head .mark:has-text('Queued')")

    page.click("button:has-text('Cancel')")
    page.click("button:has-text('Keep it going')")
    page.wait_for_selector("[role=alertdialog]", state="detached")
    assert page.locator(".page-head .mark:has-text('Cancelled')").count() == 0
    page.click("button:has-text('Cancel')")
    page.click("button:has-text('Cancel the analysis')")
    page.wait_for_selector(".page-head .mark:has-text('Cancelled')")
    page.wait_for_selector("button:has-text('Pause')", state="detached")
    page.wait_for_selector(".timeline li:has-text('Cancelled')")


def test_a_number_is_a_door_to_just_its_items(page: Any, sample: str) -> None:
    _open(page, sample, "overview")
    for label in ("negative", "repeats", "spam", "removed"):
        tile = page.locator(f".tile:has(.tile-label:text-is('{label}')) a")
        wanted = number(tile.inner_text())
        tile.click()
        page.wait_for_selector(READY["items"])
        counted = min(wanted, 1000)  # the list says "1,000+" above that
        until(lambda want=counted: _listed(page) == want, SECONDS, lambda label=label: f"{label}: {_listed(page)}")
        page.go_back()
        page.wait_for_selector(READY["overview"])


def test_a_bar_leads_to_its_items_and_back(page: Any, sample: str) -> None:
    _open(page, sample, "overview")
    topics = page.locator(".js-plotly-plot").nth(1)
    topics.locator(".barlayer .trace").nth(0).locator(".point").nth(0).hover(force=True)
    page.wait_for_selector(".hoverlayer .hovertext")  # the chart knows which bar the pointer is on
    page.mouse.down()
    page.mouse.up()
    page.wait_for_selector(READY["items"])
    assert "topic=0" in page.url
    assert "sentiment=negative" in page.url
    sentiments = page.locator(".items td:nth-child(2)")
    until(lambda: set(sentiments.all_inner_texts()) == {"negative"}, SECONDS, "the bar led to other items")
    page.go_back()
    page.wait_for_selector(READY["overview"])
    page.wait_for_selector(".tab[aria-current=page]:has-text('Overview')")


def test_each_chart_has_a_table_with_the_same_numbers_one_key_away(page: Any, sample: str) -> None:
    _open(page, sample, "overview")
    height = page.locator(".chart").first.bounding_box()["height"]
    assert height >= LEAST_CHART_HEIGHT
    page.get_by_role("tab", name="Chart").nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".chart-table")
    rows = page.locator(".chart-table tbody tr")
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    total, negative = (rows.nth(0).locator("td").nth(place) for place in (0, 1))
    assert number(total.inner_text()) > number(negative.inner_text()) > 0
    negative.locator("a").click()
    page.wait_for_selector(READY["items"])
    assert "sentiment=negative" in page.url


def test_evidence_opens_by_key_shows_each_quote_in_its_item_and_gives_the_focus_back(page: Any, sample: str) -> None:
    _open(page, sample, "opportunities")
    quote = (
        page.locator(".card blockquote")
        .first.inner_text()
        .strip("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}")
    )
    opener = page.get_by_role("button", name="Evidence").first
    opener.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".evidence-row")
    page.wait_for_selector(".evidence-text mark")
    marked = page.locator(".evidence-text mark").all_inner_texts()
    assert quote in marked
    assert len(marked) == page.locator(".evidence-row").count()
    assert page.locator(".evidence-row .mark").count() == len(marked)
    for link in page.locator(".evidence-row a").all():
        assert "noopener" in link.get_attribute("rel")
        assert re.match(r"https?://", link.get_attribute("href"))
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    expect(opener).to_be_focused()


def test_filters_live_in_the_address_and_the_export_has_the_same_items(page: Any, sample: str) -> None:
    _open(page, sample, "items")
    page.keyboard.press("/")
    expect(page.locator("#items-text")).to_be_focused()
    page.keyboard.type("sync")
    page.wait_for_url("**text=sync**")
    page.select_option("#items-sentiment", "negative")
    page.wait_for_url("**sentiment=negative**")
    sentiments = page.locator(".items td:nth-child(2)")
    until(lambda: set(sentiments.all_inner_texts()) == {"negative"}, SECONDS, "the list did not follow its filter")
    count = _listed(page)

    page.reload()
    page.wait_for_selector(READY["items"])
    expect(page.locator("#items-text")).to_have_value("sync")
    expect(page.locator("#items-sentiment")).to_have_value("negative")
    until(lambda: _listed(page) == count, SECONDS, lambda: f"{_listed(page)} instead of {count}")

    with page.expect_download() as taken:
        page.click(".list-export")
    text = taken.value.path().read_text(encoding="utf-8")
    exported = list(csv.DictReader(io.StringIO(text)))
    assert len(exported) == count
    assert {row["sentiment_label"] for row in exported} == {"negative"}

    page.click("text=Next 50, older")
    page.wait_for_url("**cursor=**")
    page.wait_for_selector("text=Newest")
    page.fill("#items-text", "zzzqqq")
    page.wait_for_selector("text=No item meets these filters")
    page.click("text=Clear the filters")
    page.wait_for_selector(READY["items"])
    page.wait_for_url("**?tab=items")


def test_what_is_not_there_is_said_in_one_sentence_with_a_way_home(page: Any, sample: str) -> None:
    for wrong in ("nothing", "019a0000-0000-7000-8000-000000000000"):
        page.goto(f"{sample.rpartition('/')[0]}/{wrong}")
        page.wait_for_selector("text=There is no such analysis in this workspace")
    page.click("text=All analyses")
    page.wait_for_selector(".row-link")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_tab_is_accessible_and_as_wide_as_its_window(
    browser: Any, signed_in: Any, sample: str, scheme: str, size: dict[str, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport=size, storage_state=signed_in, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    faults = Faults(page)
    for tab in TABS:
        _open(page, sample, tab)
        if tab == "opportunities":
            page.get_by_role("button", name="Evidence").first.click()
            page.wait_for_selector(".evidence-row")
        assert overflow(page) <= 0, tab
        violations = Axe().run(page).response["violations"]
        serious = [
            (found["id"], [node["html"] for node in found["nodes"]])
            for found in violations
            if found["impact"] in {"serious", "critical"}
        ]
        assert serious == [], tab
    context.close()
    assert faults.found == []


def test_the_first_load_with_charts_keeps_its_budget(page: Any, sample: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    _open(page, sample, "overview")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) <= FIRST_LOAD_BYTES
