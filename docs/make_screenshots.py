"""Makes the screenshots of this folder again: `python docs/make_screenshots.py`.

What they show is what `archive demo` keeps, and one of its pages as its publisher might have changed it, served by
`archive serve`; nothing comes from anywhere else. Needs the extra `test` (playwright) and a Chromium on the path.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from archive.demo import PAGES, page_bytes

HERE = Path(__file__).parent
ARCHIVE = (sys.executable, "-c", "from archive.cli import main; main()")
QUERY = "/search?q=harbour+OR+lock+OR+البئر"
WIDE, PHONE = (1100, 760), (390, 844)

SHOTS: tuple[tuple[str, str, tuple[int, int], Literal["light", "dark"]], ...] = (
    ("front.png", "/", WIDE, "light"),
    ("search.png", QUERY, WIDE, "light"),
    ("search-dark.png", QUERY, WIDE, "dark"),
    ("search-phone.png", QUERY, PHONE, "light"),
    ("article.png", "/search?q=dredgers", WIDE, "light"),
    ("article-arabic.png", "/search?lang=ar", WIDE, "light"),
    ("diff.png", "/search?q=dredging", WIDE, "light"),
    ("explain.png", "/search?q=dredging", WIDE, "light"),
    ("timeline-dark.png", "/timeline", WIDE, "dark"),
)
"""File, page (for one about an article: the search whose first result it is), window, colour scheme."""

CHANGED = "http://martyrashrakat.example/2017/10/02/canal/"
CHANGES = (
    ("Reach the Old Lock", "Clear the Old Lock"),
    ("two bicycles", "three bicycles"),
    (", which was empty", ""),
)
"""What became of one page later, word for word."""


def main() -> None:
    """Keep the demonstration's pages in a folder of their own, serve it, look at it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.toml").write_text('[archive]\nname = "The Harbour File"\n', "utf-8")
        subprocess.run([*ARCHIVE, "demo", folder], check=True, stdout=subprocess.DEVNULL)  # noqa: S603  -- our own
        later = page_bytes(PAGES[CHANGED]).decode()
        for before, after in CHANGES:
            later = later.replace(before, after)
        saved = Path(folder) / "later.html"
        saved.write_text(later, "utf-8")
        find = [*ARCHIVE, "search", "dredging", "--limit", "1", "--json"]
        found = subprocess.run(find, check=True, cwd=folder, stdout=subprocess.PIPE, text=True)  # noqa: S603  -- our own
        address = json.loads(found.stdout.splitlines()[0])["url"]  # with the port it was served on
        add = [*ARCHIVE, "add", "--html", str(saved), "--url", address]
        subprocess.run(add, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603  -- our own
        command = [*ARCHIVE, "serve", "--port", "0"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
            try:
                assert server.stdout is not None  # noqa: S101  -- tells mypy
                shoot(server.stdout.readline().strip().rstrip("/"))
            finally:
                server.terminate()


def shoot(address: str) -> None:
    """Take every picture: what a reader sees before scrolling."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-lcd-text"]
        )
        for name, path, (width, height), scheme in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(address + path)
            if name.startswith(("article", "diff", "explain")):
                page.locator(".hits h2 a").first.click()
                page.wait_for_url("**/article/*")
            if name.startswith("diff"):
                page.get_by_role("link", name="what changed last").click()
                page.wait_for_url("**/diff")
            if name.startswith("explain"):
                page.get_by_role("link", name="Why it reads so").click()
                page.wait_for_url("**/explain")
            page.screenshot(path=HERE / name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
