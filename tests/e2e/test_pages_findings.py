"""Map, weights and receipt of the SAMPLE analysis, in real Chromium on the whole running program."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import DESKTOP, PHONE, STEP_SECONDS, Faults, number, overflow
from tests.e2e.stack import MARKS, URL, until

pytestmark = [pytest.mark.browser, *MARKS]

POINTS = ".js-plotly-plot .scatterlayer .point"
COLOURS = "all => [...new Set([...document.querySelectorAll(all)].map(point => getComputedStyle(point).fill))].sort()"
ORDER = "ol[aria-live] li"
FIRST_LOAD_BYTES = 800_000


@pytest.fixture(scope="module")
def receipt(browser: Any, signed_in: Any, sample: str) -> str:
    """Return the address of the first opportunity's receipt."""
    context = browser.new_context(storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{sample}?tab=opportunities")
    page.wait_for_selector(".card")
    found = page.locator(".card a:has-text('receipt')").first.get_attribute("href")
    context.close()
    return f"{URL}{found}"


def _draw_across(page: Any) -> None:
    """Draw a line around the middle of the map, and wait until the items inside it are listed."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    left, top, width, height = (box[name] for name in ("x", "y", "width", "height"))
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.25)]
    page.mouse.move(left + width * corners[0][0], top + height * corners[0][1])
    page.mouse.down()
    for across, down in corners[1:]:
        page.mouse.move(left + width * across, top + height * down, steps=8)
    page.mouse.up()
    page.wait_for_selector(".selection li")


def test_a_line_on_the_map_lists_the_items_inside_it_and_clear_takes_both_away(page: Any, sample: str) -> None:
    page.goto(f"{sample}/map")
    page.wait_for_selector(POINTS)
    _draw_across(page)
    said = page.locator("section[aria-label='Selected items'] h2, [aria-label='Selected items'] h2").first.inner_text()
    assert number(said) > 0
    assert page.locator(".selectionlayer path").count() > 0
    page.click("button:has-text('Clear')")
    page.wait_for_selector(".selection li", state="detached")
    page.wait_for_function("document.querySelectorAll('.selectionlayer path').length === 0")


def test_a_point_opens_its_item_and_the_table_names_the_same_topics(page: Any, sample: str) -> None:
    page.goto(f"{sample}/map")
    page.wait_for_selector(POINTS)
    page.locator(POINTS).nth(5).hover(force=True)
    page.wait_for_selector(".hoverlayer .hovertext")  # the map knows which point the pointer is on
    page.mouse.down()
    page.mouse.up()
    page.wait_for_selector("h2:has-text('1 item')")
    named = set(page.locator(".js-plotly-plot .annotation-text").all_text_contents())
    page.get_by_role("tab", name="Table").click()
    page.wait_for_selector(".chart-table tbody tr")
    listed = page.locator(".chart-table tbody tr").all_inner_texts()
    for name in named:
        plain = name.removesuffix("…")
        assert any(plain in row for row in listed), name
    page.locator(".chart-table a:has-text('show items')").first.click()
    page.wait_for_selector(".item-said")


def test_colours_by_topic_and_source_keep_every_point(page: Any, sample: str) -> None:
    page.goto(f"{sample}/map")
    page.wait_for_selector(POINTS)
    before = page.locator(POINTS).count()
    for by in ("Topic", "Source", "Sentiment"):
        drawn = page.evaluate(COLOURS, POINTS)
        page.get_by_role("radio", name=by).click()
        until(lambda was=drawn: page.evaluate(COLOURS, POINTS) not in (was, []), STEP_SECONDS, f"not drawn by {by}")
        expect(page.locator(POINTS)).to_have_count(before)


def test_other_weights_give_another_order_and_a_link_that_holds_them(page: Any, sample: str) -> None:
    page.goto(f"{sample}/weights")
    page.wait_for_selector(ORDER)
    ours = page.locator(ORDER).all_inner_texts()
    sliders = page.locator("input[type=range]")
    for place in range(3):
        slider = sliders.nth(place)
        slider.focus()
        page.keyboard.press("End" if place == 0 else "Home")
        name = slider.get_attribute("id").removeprefix("weight-")
        page.wait_for_url(re.compile(rf"[?&]{name}="))
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(ORDER)
    theirs = other.locator(ORDER).all_inner_texts()
    assert theirs != ours
    until(lambda: page.locator(ORDER).all_inner_texts() == theirs, STEP_SECONDS, "the link shows another order")
    back = other.get_by_role("button", name="Back to our weights")
    expect(back).to_have_attribute("aria-disabled", "false")
    back.press("Enter")
    until(lambda: other.locator(ORDER).all_inner_texts() == ours, STEP_SECONDS, "our weights show another order")
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(back).to_be_focused()
    first = other.locator("input[type=range]").nth(0)
    expect(first).to_have_value("20")
    first.press("End")
    other.wait_for_url(re.compile(r"frequency=50"))
    none = "&".join(f"{slider.get_attribute('id').removeprefix('weight-')}=0" for slider in sliders.all())
    other.goto(f"{sample}/weights?{none}")
    other.get_by_text("Nothing counts: give at least one metric a weight.").wait_for()


def test_a_receipt_replays_items_metrics_and_score_and_says_that_it_holds(page: Any, receipt: str) -> None:
    page.goto(receipt)
    page.wait_for_selector("h2:has-text('3 · Score')")
    assert page.locator("[aria-label=Items] q").count() > 0
    points = page.locator("[aria-label=Metrics] tbody tr").count()
    assert points > 0
    assert page.locator(".page-head .mark:has-text('SAMPLE')").count() == 1
    page.wait_for_selector("p:has(.mark:has-text('verified')):has-text('Checked just now')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_page_of_findings_is_accessible_and_as_wide_as_its_window(
    browser: Any, signed_in: Any, sample: str, receipt: str, scheme: str, size: dict[str, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport=size, storage_state=signed_in, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    faults = Faults(page)
    for path, ready in (
        (f"{sample}/map", POINTS),
        (f"{sample}/weights", ORDER),
        (receipt, "h2:has-text('3 · Score')"),
    ):
        page.goto(path)
        page.wait_for_selector(ready)
        assert overflow(page) <= 0, path
        serious = [
            (found["id"], [node["html"] for node in found["nodes"]])
            for found in Axe().run(page).response["violations"]
            if found["impact"] in {"serious", "critical"}
        ]
        assert serious == [], path
    context.close()
    assert faults.found == []


def test_the_first_load_of_the_map_keeps_its_budget(page: Any, sample: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(f"{sample}/map")
    page.wait_for_selector(POINTS)
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) <= FIRST_LOAD_BYTES


def test_counter_evidence_opens_the_drawer_where_it_stands(page: Any, sample: str) -> None:
    page.goto(f"{sample}?tab=opportunities")
    page.wait_for_selector(".card")
    page.locator(".card button:has-text('Against (')").first.click()
    page.wait_for_selector(".drawer .evidence-row")
    heads = page.locator(".drawer h2").all_inner_texts()
    assert [head.partition(" (")[0] for head in heads] == ["Against it", "For it"]
    page.keyboard.press("Escape")
    page.wait_for_selector(".drawer", state="detached")


def test_on_a_phone_the_tabs_are_near_the_top_and_stay_there(browser: Any, signed_in: Any, sample: str) -> None:
    context = browser.new_context(storage_state=signed_in, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{sample}?tab=opportunities")
    page.wait_for_selector(".card")
    tabs = page.locator(".analysis-tabs")
    assert tabs.bounding_box()["y"] < PHONE["height"] / 2
    page.mouse.wheel(0, 1500)
    until(lambda: page.evaluate("() => scrollY") > 800, STEP_SECONDS, "the page does not scroll")
    assert tabs.bounding_box()["y"] == 0
    context.close()


def test_weights_say_whose_they_are(page: Any, sample: str) -> None:
    page.goto(f"{sample}/weights")
    page.wait_for_selector(ORDER)
    page.wait_for_selector(".mark-sample")
    assert page.locator(".page > p a").first.inner_text() != ""
