"""The pages in real Chromium: what a reader does with them, and what a hostile page cannot do.

Without playwright or a Chromium these tests skip and say so; where `CI` is set that is a failure.
`ARCHIVE_TEST_CHROMIUM` names the browser, else it is the first of `chromium`, `chromium-browser` and `google-chrome`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.web.kept import ATTACK, FERRY, HOSTILE, STORIES, WELL, keep
from tests.web.test_serve import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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
  || element.matches('style, svg, img, iframe, object, embed, base, [style]')
  || element.getAttributeNames().some((name) => name.startsWith('on'))).map((element) => element.outerHTML)"""
"""Elements that could run or load something; our templates make none. A block of data is none of them."""

OVERHANGING = """() => [...document.querySelectorAll('body *')].filter((element) =>
  element.checkVisibility() && !element.closest('thead, .aside-for-eyes')
  && element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 80))"""
"""Elements that stand out beyond the right edge; a table's head is hidden from the eye on a phone."""


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
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What a running `archive serve` prints; the hostile article is number 5."""
    folder: Path = tmp_path_factory.mktemp("browsed")
    keep(folder, (*STORIES, HOSTILE))
    with serving(folder, "--port", "0") as (_, printed):
        yield printed.rstrip("/")


@contextmanager
def reading(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of a reader's own, and whatever ran or was refused in it."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("request", lambda request: heard.append(request.url) if "127.0.0.1" not in request.url else None)
    yield page, heard
    context.close()


def test_a_reader_searches_narrows_down_and_opens_an_article(browser: Browser, address: str) -> None:
    with reading(browser) as (page, heard):
        page.goto(address)
        page.get_by_role("combobox", name="Search the archive").fill("ferry")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=ferry")
        assert page.locator(".hits mark").first.is_visible()
        page.get_by_role("link", name="harbour.example").click()
        page.wait_for_url("**site=harbour.example")
        assert page.locator(".hits article").count() == 1
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
        for path in (
            "/",
            "/search",
            "/search?q=hostile",
            "/article/5",
            f"/search?q={quote(ATTACK)}",
            f"/search?q={quote(ATTACK)}&tag={quote(ATTACK)}&site={quote(ATTACK)}&month={quote(ATTACK)}",
        ):
            page.goto(address + path)
            assert page.evaluate(FOREIGN) == []
        page.goto(f"{address}/article/5")
        assert page.get_by_role("heading", level=1).inner_text() == HOSTILE.title
        assert heard == []


def test_the_record_of_a_page_is_saved_and_not_shown(browser: Browser, address: str) -> None:
    with reading(browser, accept_downloads=True) as (page, heard):
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


@pytest.mark.parametrize("path", ["/", "/search?q=ferry", "/article/1", "/article/3", "/article/5"])
def test_a_phone_shows_every_page_without_scrolling_sideways(
    browser: Browser, address: str, path: str
) -> None:
    with reading(browser, viewport={"width": 390, "height": 844}) as (page, heard):
        page.goto(address + path)
        assert page.evaluate(OVERHANGING) == []
        assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Browser, address: str, scheme: Any) -> None:
    with reading(browser, color_scheme=scheme) as (page, heard):
        for path in ("/", "/search?q=ferry&lang=en", "/search?q=zzz", "/article/1", "/article/99"):
            page.goto(address + path)
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
