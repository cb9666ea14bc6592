"""Pages for tests: short stories of our own, in a page with the clutter that a site puts around them."""

from __future__ import annotations

PLACES = ("Orlen", "Vasko", "Tamrin", "Beldow", "Ketterby", "Zurnal", "Missel", "Halvard", "Pendry", "Corvo")


def paragraphs(number: int, extra: str = "") -> list[str]:
    """Four paragraphs that no other number has."""
    place, other = PLACES[number % 10], PLACES[(number // 10 + 3) % 10]
    return [
        f"The ferry between {place} and {other} will sail again from Monday, the harbour master said after a meeting "
        f"that lasted {number + 2} hours and filled the small hall behind the customs house.",
        f"Engineers had taken the engine apart {number + 5} times since spring. They found a bent shaft, two cracked "
        f"valves and, in the oil, the wedding ring that a mate of the ship had lost in the year {1900 + number % 90}.",
        f"Passengers will pay {number + 11} crowns for a crossing, less than before the repair. Children, bicycles and "
        f"anyone who can name all the lighthouses of {other} travel for nothing, as the council decided.{extra}",
        f"The first boat leaves {place} at dawn with the post, the bread and the brass band, and it comes back when "
        "everybody who wants to come back is on board, which in former years was not always the same evening.",
    ]


def title(number: int) -> str:
    """The headline of a story."""
    return f"Ferry number {number} sails again from {PLACES[number % 10]}"


def story(
    number: int, *, extra: str = "", sidebar: str = "Weather: rain", headline: str | None = None
) -> str:
    """The page of a story. extra: ends the third paragraph. sidebar: clutter that may change."""
    name = headline or title(number)
    text = "\n".join(f"<p>{one}</p>" for one in paragraphs(number, extra))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name} | The Harbour Post</title>
<meta property="og:title" content="{name}"><meta property="og:site_name" content="The Harbour Post">
<meta property="article:published_time" content="2017-10-{number % 27 + 1:02}T08:00:00+02:00"></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li><li><a href="/a">About</a></li></ul></nav>
<main><article><h1>{name}</h1>
{text}
</article></main>
<aside><h3>Most read</h3><p>{sidebar}</p><ul><li><a href="/x">Ten knots you should know</a></li></ul></aside>
<section id="comments"><h3>Leave a comment</h3><form><label>Name <input></label><button>Send</button></form></section>
<footer><p>Copyright 2025 The Harbour Post. All rights reserved.</p></footer></body></html>"""
