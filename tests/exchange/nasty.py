"""Articles with everything in them that a format could trip over."""

from __future__ import annotations

from pathlib import Path

from archive.app import Archive, open_archive
from scraper.model import Image
from tests.web.kept import FERRY, FERRY_COPIED, WELL, Told, keep

FORMULA = Told(
    "http://sums.example/one-and-one?a=1&b=2%25",
    "=1+1",
    '+44 was dialled.\n\n-5 degrees, said "he", and\nthen a second line; comma, semicolon.',
    published="2017-11-02",
    fields={
        "authors": ('=HYPERLINK("http://evil.example","click")', "@handle", 'Ann "Annie" Lee, Jr.'),
        "keywords": ("=2+2", "a,b", 'quote "q"'),
        "site_name": "=cmd|' /C calc'!A0",
    },
)

LATEX = Told(
    "http://tex.example/100%25_sure/%7Bx%7D~y",
    r"100% of $5 & #1: \textbf{x_1} {unbalanced ^ ~ \end{document}",
    "A text about braces } and { and backslashes \\ that nobody closes.",
    published="2018-02",
    fields={"authors": (r"Donald {E. Knuth \& Co", "Jan van der Berg", "Smith and Sons"), "section": "R&D"},
)

EMOJI = Told(
    "http://smile.example/%F0%9F%98%80",
    "Smile 😀 – “quoted” ‘single’ CON: <b>bold</b> & more\u2028next",
    "Grin 😀 here.\n\n<script>alert(1)</script> &amp; ]]> end.",
    published=None,
    language="en",
    fields={
        "authors": ("José Ñandú", "李小龍", "Zoë"),
        "images": (Image("http://smile.example/a.jpg", "A 😀", None),),
        "captions": ("A 😀",),
        "sources": ("AP",),
    },
    tags=("a tag, with comma", "قرية"),
)

LONG = Told(
    "http://long.example/" + "a" * 300,
    "A very long title " * 30,
    "Short text for a long title, which stands here for the sake of the file name.",
    published="2017-10-08T23:59:59+02:00",
    fields={"authors": ("Mina Sol",)},
)

UNTITLED = Told(
    "http://none.example/", None, "This one has neither title nor author nor date.", language=None
)

CHINESE = Told(
    "http://port.example/zh",
    "渡轮恢复航行",
    "港务局长周一表示，往返于两岸的渡轮将从下周一起恢复航行，\n乘客每次需付十一元。工程师发现主轴弯曲，两个阀门破裂。",
    language="zh",
    published="2017-10-10",
)

NASTY = (FERRY, FERRY_COPIED, WELL, FORMULA, LATEX, EMOJI, LONG, UNTITLED, CHINESE)


def nasty_archive(folder: Path) -> Archive:
    """An archive of all of them, opened."""
    keep(folder, NASTY)
    (folder / "config.toml").write_text("[archive]\n")
    return open_archive(folder / "config.toml", environment={})
