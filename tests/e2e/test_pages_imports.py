"""A file of one's own, from choosing it to its analysis, in real Chromium on the whole running program."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import DESKTOP, PATIENCE_SECONDS, PHONE, Faults, overflow
from tests.e2e.stack import MARKS, URL

pytestmark = [pytest.mark.browser, *MARKS]

ANY_FILE = re.compile(r"/imports/[0-9a-f-]{36}$")
ANY_ANALYSIS = re.compile(r"/analyses/[0-9a-f-]{36}$")
PROBLEM = "[data-upload-problem]"
ROWS = [
    f"{number},{'' if number == 3 else f'I wish that sync number {number} were faster.'},u{number % 40},03/04/2026,"
    for number in range(400)
]
TALK = "\n".join(["Review Id,Body,User,When,In reply to", *ROWS]).encode()


def send(page: Any, name: str, data: bytes) -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": data})
    page.click("button:has-text('Bring it')")


def test_a_file_is_brought_mapped_analysed_and_deleted(page: Any) -> None:
    faults = Faults(page)
    page.goto(f"{URL}/imports")
    page.wait_for_selector(".empty:has-text('No files yet')")
    page.click("button:has-text('Bring it')")
    page.wait_for_selector(f"{PROBLEM}:has-text('Choose a file first')")
    send(page, "empty.csv", b"")
    page.wait_for_selector(f"{PROBLEM}:has-text('empty')")

    send(page, "reviews.csv", TALK)
    page.wait_for_url(ANY_FILE)
    page.wait_for_selector(".preview tbody tr >> nth=19")
    expect(page.locator("#field-text")).to_have_value("Body")
    assert page.locator("a:has-text('Use it in a new analysis')").count() == 0
    page.click("label:has-text('The day')")
    page.wait_for_selector("a:has-text('Use it in a new analysis')")
    page.wait_for_selector(".preview td:has-text('2026-04-03 00:00')")
    page.wait_for_selector("p:has-text('399 comments')")
    page.select_option("#field-title", "Body")
    page.wait_for_selector(".notice:has-text('Say which column is the text')")
    page.select_option("#field-text", "Body")
    page.wait_for_selector("a:has-text('Use it in a new analysis')")

    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    page.set_viewport_size(DESKTOP)
    page.click("a:has-text('Use it in a new analysis')")
    page.wait_for_selector(".source-name:has-text('reviews.csv')")
    page.wait_for_selector(".source:has-text('399 items')")
    page.click("button:has-text('Start analysis')")
    page.wait_for_url(ANY_ANALYSIS)
    page.wait_for_selector(".mark:has-text('Completed')", timeout=PATIENCE_SECONDS * 1000)

    page.goto(f"{URL}/imports")
    page.wait_for_selector(".files .row-link:has-text('reviews.csv')")
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    page.click("button[aria-label='Delete reviews.csv']")
    page.click("[role=alertdialog] button:has-text('Delete')")
    page.wait_for_selector(".empty:has-text('No files yet')")
    assert faults.found == []
