"""Who did what, read by the owner, in real Chromium on the whole running program."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PHONE, Faults, overflow
from tests.e2e.stack import MARKS, URL, Program

pytestmark = [pytest.mark.browser, *MARKS]


def test_an_owner_reads_who_did_what_and_goes_to_what_it_was_done_to(page: Any, running: Program) -> None:
    assert running.command("keys", "create", "nightly").returncode == 0
    faults = Faults(page)
    page.goto(URL)
    page.wait_for_selector(".row-link")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url(f"{URL}/audit")
    key = page.locator(".audit tbody tr", has_text="Made an API key").filter(has_text="nightly")
    expect(key).to_contain_text("role editor")
    expect(key.locator("relative-time")).to_have_attribute("title", re.compile(r"\d{4}.*:\d\d"))
    page.click(".tabs a:has-text('Questions')")
    page.wait_for_selector(".empty:has-text('Nothing of this kind')")
    page.click("a:has-text('Show everything')")
    page.wait_for_selector(".audit tbody tr:has-text('Signed in')")
    page.click("button:has-text('Verify the trail')")
    expect(page.locator(".audit-verdict")).to_contain_text(re.compile(r"Unbroken: \d+ acts, each as it was written"))
    with page.expect_download() as taken:
        page.click("a:has-text('CSV of these')")
    assert taken.value.path().read_text(encoding="utf-8").startswith('"number","at","action"')
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    page.click(".audit tbody tr:has-text('Started an analysis') a")
    page.wait_for_url(re.compile(r"/analyses/[0-9a-f-]{36}$"))
    page.goto(f"{URL}/audit?cursor=strange")
    page.click("button:has-text('Show the newest')")
    page.wait_for_selector(".audit tbody tr:has-text('Signed in')")
    assert faults.found == []
