"""The pages in real Chromium: what a reader does with them, and what a hostile page cannot do.

Without playwright or a Chromium these tests skip and say so; where `CI` is set that is a failure.
`ARCHIVE_TEST_CHROMIUM` names the browser, else it is the first of `chromium`, `chromium-browser` and `google-chrome`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.web.kept import ATTACK, FERRY, HOSTILE, WELL
from tests.web.linked import (
    BLOG_ID,
    CLUSTER_ID,
    FLOOD_ID,
    FLOOD_LATER,
    HOSTILE_CLUSTER_ID,
    HOSTILE_ID,
    WIRE_ID,
)
from tests.web.test_serve import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = (colour) => { const [r, g, b] = rgb(colour).map((v) => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => { for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (at.tagName === 'MARK') return getComputedStyle(document.documentElement).getPropertyValue('--mark');
    if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') return style.backgroundColor; }
    return 'white'; };
  const faint = [];
  for (const element of document.body.querySelectorAll('*')) {
    const said = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!said || !element.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName} ${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}"""
"""Elements whose own text has a contrast below 4.5 to 1 (WCAG 2.2, 1.4.3, level AA)."""


FOREIGN = """() => [...document.querySelectorAll('*')].filter((element) =>
  element.matches('script:not([type="application/ld+json"], [src^="/-/article-archive/search-"])')
  || element.matches('style, svg:not(.chart), img, iframe, object, embed, base, [style]')
  || element.getAttributeNames().some((name) => name.startsWith('on'))).map((element) => element.outerHTML)"""
"""Elements that could run or load something; our templates make none. A block of data is none of them."""

OVERHANGING = """() => [...document.querySelectorAll('body *')].filter((element) =>
  element.checkVisibility() && !element.closest('thead, .aside-for-eyes, .scroll svg, .text .scroll table')
  && element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 80))"""
"""Elements that stand out beyond the right edge; a table's head is hidden from the eye on a phone, and a chart or an
article's own table moves sideways within its own frame."""


PAGES = (
    "/",
    "/search?q=ferry&lang=en",
    "/search?q=zzz",
    "/article/1",
    "/article/3",
    f"/article/{BLOG_ID}",
    f"/article/{FLOOD_ID}",
    f"/article/{FLOOD_ID}/diff?a=1&b=2",
    f"/article/{WIRE_ID}/explain",
    f"/cluster/{CLUSTER_ID}",
    "/timeline",
    "/sites",
    "/jobs",
    "/junk",
    "/article/99",
)
"""A page of every kind."""

HOSTILE_PAGES = (
    "/",
    "/search",
    "/search?q=hostile",
    "/article/5",
    f"/article/{HOSTILE_ID}",
    f"/article/{HOSTILE_ID}/diff",
    f"/article/{HOSTILE_ID}/explain",
    f"/cluster/{HOSTILE_CLUSTER_ID}",
    "/timeline",
    f"/timeline?site={quote(ATTACK)}",
    "/sites",
    "/jobs",
    f"/junk?verdict={quote(ATTACK)}",
    "/junk",
    f"/search?q={quote(ATTACK)}",
    f"/search?q={quote(ATTACK)}&tag={quote(ATTACK)}&site={quote(ATTACK)}&month={quote(ATTACK)}",
)


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}: in CI the browser tests must run")
    pytest.skip(f"{what}: the pages were not looked at in a browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    names = (os.environ.get("ARCHIVE_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        _missing("there is no Chromium on the path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(linked_folder: Path) -> Iterator[str]:
    """What a running `archive serve` prints; the hostile articles are number 5, 10 and 11."""
    with serving(linked_folder, "--port", "0") as (_, printed):
        yield printed.rstrip("/")


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, as its package brings it."""
    try:
        return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    except ImportError:
        _missing("axe-playwright-python is not installed")
        raise


@contextmanager
def reading(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of a reader's own, and whatever ran or was refused in it.

    A window of Chromium costs a second of CPU: readers who ask for nothing special have one, one after another.
    """
    shared = not options and bool(browser.contexts)
    context = browser.contexts[0] if shared else browser.new_context(**options)
    page = context.pages[0] if shared else context.new_page()
    page.set_default_timeout(10_000)
    heard: list[str] = []
    hear = {
        "dialog": lambda dialog: (heard.append(f"dialog: {dialog.message}"), dialog.dismiss()),
        "console": lambda message: heard.append(f"{message.type}: {message.text}"),
        "pageerror": lambda error: heard.append(f"error: {error}"),
        "request": lambda request: heard.append(request.url) if "127.0.0.1" not in request.url else None,
    }
    for event, listener in hear.items():
        page.on(event, listener)  # type: ignore[call-overload]  # one overload an event
    yield page, heard
    if options:
        context.close()
        return
    for event, listener in hear.items():
        page.remove_listener(event, listener)
    page.goto("about:blank")
    context.clear_cookies()


def test_a_reader_searches_narrows_down_and_opens_an_article(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(address)
        page.get_by_role("combobox", name="Search the archive").fill("ferry")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=ferry")
        assert page.locator(".hits mark").first.is_visible()
        page.get_by_role("link", name="harbour.example").click()
        page.wait_for_url("**site=harbour.example")
        counted = page.locator(".facet li", has_text="harbour.example").locator(".count")
        assert page.locator(".hits article").count() == int(counted.inner_text()) == 2
        page.get_by_role("link", name="Remove the filter Site: harbour.example").click()
        page.wait_for_url("**/search?q=ferry")
        page.goto(f"{address}/search?q=orlen&site=harbour.example")
        page.get_by_role("link", name=FERRY.title or "").click()
        page.wait_for_url("**/article/1")
        assert page.get_by_role("heading", level=1).inner_text() == FERRY.title
        assert heard == []


def test_an_arabic_article_is_set_from_right_to_left(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"{address}/article/3")
        assert page.get_by_role("heading", level=1).inner_text() == WELL.title
        assert page.locator(".text").evaluate("element => getComputedStyle(element).direction") == "rtl"
        edges = page.locator(".text p").last.evaluate(
            """element => {
                const range = document.createRange();
                range.selectNodeContents(element);
                const line = [...range.getClientRects()].at(-1), box = element.getBoundingClientRect();
                return [line.left - box.left, box.right - line.right];
            }"""
        )
        assert edges[1] < 2 < edges[0], "its last line is short and ends on the left"
        assert heard == []


def test_this_browser_would_tell_of_a_script_that_ran(browser: Browser) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"data:text/html,{quote(f'<title>x</title><p>{ATTACK}')}")
        page.wait_for_timeout(100)
        assert [one for one in heard if one.startswith("dialog")]


def test_nothing_that_a_hostile_article_says_is_run(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        for path in HOSTILE_PAGES:
            page.goto(address + path)
            assert page.evaluate(FOREIGN) == []
        page.goto(f"{address}/article/5")
        assert page.get_by_role("heading", level=1).inner_text() == HOSTILE.title
        assert heard == []


def test_the_record_of_a_page_is_saved_and_not_shown(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"{address}/article/5")
        with page.expect_download() as by_link:
            page.get_by_role("link", name="Save the WARC record").click()
        with page.expect_download() as by_hand:
            page.evaluate("location.href = '/record/5'")
        for download in (by_link.value, by_hand.value):
            assert download.suggested_filename == "record-5.warc"
            content = Path(download.path()).read_bytes()
            assert content.startswith(b"WARC/1.1\r\n")
            assert HOSTILE.page is not None
            assert HOSTILE.page in content
        assert page.url == f"{address}/article/5"
        assert heard == []


def test_a_phone_shows_every_page_without_scrolling_sideways(browser: Browser, address: str) -> None:
    with reading(browser, viewport={"width": 390, "height": 844}) as (page, heard):
        for path in (*PAGES, "/article/5", f"/article/{HOSTILE_ID}/diff"):
            page.goto(address + path)
            assert page.evaluate(OVERHANGING) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(f"{address}/timeline")  # whose chart is wider than that and begins at its newest end
        (chart,) = page.locator("svg.chart:not(.swatch)").all()
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] < 0
        assert box["x"] + box["width"] <= 390
        assert [one for one in heard if "404" not in one] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_of_access(browser: Browser, address: str, scheme: Any, axe: str) -> None:
    """By axe-core: all its rules in the light; in the dark, where colours alone differ, those about colours on the
    pages that have colours of their own."""
    rules = {"runOnly": ["cat.color"]} if scheme == "dark" else {}
    options = {"color_scheme": scheme} if scheme == "dark" else {}  # the light is what a browser begins with
    with reading(browser, **options) as (page, heard):
        for path in PAGES if scheme == "light" else PAGES[5:11]:
            page.goto(address + path)
            page.evaluate(axe)
            found = page.evaluate(
                "rules => axe.run(document, {...rules, resultTypes: ['violations']})", rules
            )
            serious = [
                (one["id"], node["html"][:200], node["failureSummary"])
                for one in found["violations"]
                if one["impact"] in {"serious", "critical"}
                for node in one["nodes"]
            ]
            assert serious == [], path
            # What axe cannot tell, over a gradient for one, is looked at here.
            assert page.evaluate(CONTRAST) == [], path
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark")
        assert [one for one in heard if "404" not in one] == []


def test_the_keyboard_alone_is_enough(browser: Browser, address: str) -> None:
    with reading(browser) as (page, _):
        page.goto(f"{address}/search?q=orlen")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        assert skip.evaluate(
            "element => element === document.activeElement && element.getBoundingClientRect().top >= 0"
        )
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        focused = "element => [element.matches('.hits h2 a'), getComputedStyle(element).outlineStyle]"
        assert page.locator(":focus").evaluate(focused) == [True, "solid"]
        page.keyboard.press("Enter")
        page.wait_for_url("**/article/*")


def test_a_reader_goes_from_a_story_to_what_changed_and_why_it_reads_so(
    browser: Browser, address: str
) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"{address}/search?q=flood+vasko&site=harbour.example")
        page.locator(".hits h2 a").first.click()
        page.wait_for_url(f"**/article/{FLOOD_ID}")
        page.get_by_role("link", name="headline, number, deletion").click()
        page.wait_for_url(f"**/article/{FLOOD_ID}/diff?a=1&b=2")
        assert page.locator(".changes ins").first.inner_text().strip() == "fourteen"
        colours = [
            page.locator(f".changes {name}").first.evaluate(
                "element => getComputedStyle(element).backgroundColor"
            )
            for name in ("ins", "del")
        ]
        assert len({*colours, "rgba(0, 0, 0, 0)"}) == 3, "each has a colour of its own"
        page.get_by_role("link", name=f"Article {FLOOD_ID}").click()
        page.get_by_role("link", name="2", exact=True).click()
        page.wait_for_url("**?version=2")
        assert page.get_by_role("heading", level=1).inner_text() == FLOOD_LATER.title
        page.get_by_role("link", name="Why it reads so").click()
        page.wait_for_url("**/explain")
        assert page.locator(".blocks .kept").count() > 1
        assert heard == []


def test_a_link_to_a_passage_shows_it(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"{address}/article/{BLOG_ID}")
        page.get_by_role("link", name="the same there").click()
        page.wait_for_url(f"**/article/{WIRE_ID}#passage-*")
        marked = page.locator(".anchor:target + .passage")
        assert marked.inner_text().startswith("Shopkeepers along the quay")
        assert marked.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"
        assert heard == []


def test_keys_lead_to_the_search_box_and_through_results(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(f"{address}/search?q=harbour")
        links = page.locator(".hits h2 a")
        where = "element => element === document.activeElement"
        for keys, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0), ("jjjjjjjjj", links.count() - 1)):
            page.keyboard.type(keys)
            assert links.nth(at).evaluate(where), (keys, at)
        page.keyboard.press("/")
        box = page.get_by_role("combobox", name="Search the archive")
        assert box.evaluate(where)
        page.keyboard.type("sails j/k")
        assert box.input_value() == "sails j/k", "in the box they are letters"
        assert heard == []


def suggested(page: Page, address: str, typed: str) -> Locator:
    """What is suggested of the letters that are typed in the search box."""
    page.goto(address)
    page.keyboard.press("/")
    page.keyboard.type(typed)
    options = page.get_by_role("option")
    options.first.wait_for()
    return options


def test_a_suggestion_that_was_chosen_is_not_taken_away_by_a_later_answer(
    browser: Browser, address: str
) -> None:
    with reading(browser) as (page, heard):
        options = suggested(page, address, "ferr")
        page.evaluate(
            """() => {
                const fetch = window.fetch;
                window.fetch = (...asked) => new Promise((resolve, reject) => {
                    window.answer = () => fetch(...asked).then(resolve, reject);
                });
            }"""
        )
        page.keyboard.type("y")
        page.wait_for_function("() => window.answer")
        page.keyboard.press("ArrowDown")
        page.evaluate("() => window.answer()")
        assert options.first.get_attribute("aria-selected") == "true"
        page.keyboard.press("Enter")
        page.wait_for_url("**/article/*")
        assert heard == []


def test_titles_are_suggested_as_one_types_and_without_script_all_else_works(
    browser: Browser, address: str
) -> None:
    with reading(browser) as (page, heard):
        options = suggested(page, address, "ferr")
        page.keyboard.press("Escape")
        assert options.count() == 0
        page.keyboard.type("y sail")
        page.wait_for_function("() => document.querySelectorAll('[role=option]').length === 1")
        page.keyboard.press("ArrowDown")
        assert options.first.get_attribute("aria-selected") == "true"
        page.keyboard.press("Enter")
        page.wait_for_url("**/article/1")
        options = suggested(page, address, "mallory")
        assert options.first.inner_text().startswith(f"Mallory {ATTACK}"), "what a page said is text here too"
        assert heard == []
    with reading(browser, java_script_enabled=False) as (page, heard):
        page.goto(address)
        page.get_by_role("searchbox", name="Search the archive").fill("ferry")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=ferry")
        page.locator(".hits h2 a").first.click()
        page.wait_for_url("**/article/*")
        assert heard == []
