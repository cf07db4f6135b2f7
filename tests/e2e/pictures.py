"""Takes pictures of the main pages, as anyone can: `make pictures`.

Starts the whole program in a temporary folder, waits for the sample analysis, and photographs each page in light and
dark, on a desk and on a phone. The README's pictures go to `docs/images`, all of them to the folder that is named.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import chromium
from tests.e2e.stack import ROOT, Program, program

IN_README = {"overview-light-1440": "overview.png", "opportunities-dark-1440": "opportunities.png"}
SIZES = ((1440, 900), (390, 844))
TABS = ("overview", "opportunities", "items", "cost", "jobs")


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with program(target) as running, chromium() as browser:
        running.start()
        for scheme in ("light", "dark"):
            for width, height in SIZES:
                _photograph(browser, running, target, scheme, width, height)
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    for name, picture in IN_README.items():
        shutil.copy(target / f"{name}.png", ROOT / "docs" / "images" / picture)
    print(f"Pictures are in {target}; the README's in docs/images.")


def _photograph(browser: Browser, running: Program, target: Path, scheme: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()

    def take(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=target / f"{name}-{scheme}-{width}.png")

    link = running.link()
    page.goto(link)
    row = page.locator("a[href*='/analyses/']").first
    row.wait_for()
    page.get_by_text("Completed").first.wait_for(timeout=90_000)
    take("home")
    address = row.get_attribute("href") or ""
    base = link.partition("/welcome")[0]
    for tab in TABS:
        page.goto(f"{base}{address.partition('?')[0]}?tab={tab}")
        _settle(page, tab)
        take(tab)
    page.goto(f"{base}/new")
    page.get_by_text("What it will take").wait_for()
    take("new")
    context.close()


def _settle(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab.capitalize()).or_(page.get_by_role("link", name=tab.capitalize())).first.wait_for()
    if tab == "overview":
        page.locator(".js-plotly-plot .barlayer .bars").first.wait_for()
    elif tab in {"items", "jobs"}:
        page.locator("table tbody tr").first.wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "pictures")
