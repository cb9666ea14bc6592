"""`archive search`: ranked articles with the words found in them marked."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import app, open_here
from archive.cli.output import put, put_json, safe, say
from archive.model import Hit
from archive.rendering import hit_as_dict
from archive.search.parsing import read_date


@app.command()
def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help='Words, "a phrase", prefix*, AND OR NOT.')
    ],
    site: Annotated[
        str | None, typer.Option(metavar="HOST", help="Only this site.", show_default=False)
    ] = None,
    lang: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this language: en, ar, …", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Published on or after.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Published on or before.", show_default=False)
    ] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="T", help="Only with this tag.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 20,
    exact: Annotated[bool, typer.Option("--exact", help="No other spellings of names.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find articles by the words in their title and text, best first.

    A name is found in every spelling; articles of one story are one result, but for --json; exact copies always are.
    Filters may stand in the query as well: site:example.org author:Lee lang:ar tag:north after:2017-10 before:2018,
    also -site:example.org or (lang:ar OR lang:fr). Those in the query and the options must all hold.
    A query that begins with - goes after --, like: archive search -- -bridge harbour
    """
    text = " ".join(query)
    since, until = _date("--since", since), _date("--until", until)
    with open_here() as archive:
        found = archive.search(
            text,
            site=site,
            language=lang,
            since=since,
            until=until,
            tag=tag,
            limit=limit,
            exact=exact,
            fold=not as_json,  # whoever reads lines of JSON wants every article
        )
        counted = archive.origins(
            text, site=site, language=lang, since=since, until=until, tag=tag, exact=exact
        )
    if as_json:
        for hit in found.hits:
            put_json("result", hit_as_dict(hit))
        put_json(
            "summary",
            {
                "query": text,
                "expanded_to": list(found.expanded_to),
                "notes": list(found.notes),
                "total": found.total,
                "articles": counted.articles,
                "origins": counted.origins,
            },
        )
        return
    for note in found.notes:
        say(safe(note))
    if found.expanded_to:
        say(f"also: {safe(', '.join(found.expanded_to))}; --exact searches only what is typed")
    for hit in found.hits:
        for line in hit_lines(hit):
            put(line)
    if not found.hits:
        say(f"nothing found for {safe(text)}")
        return
    articles, origins = counted.articles, counted.origins
    more = "" if counted.complete else "of the newest matches: "
    say(f"{more}{articles} {_plural('article', articles)}, {origins} {_plural('origin', origins)}")
    if found.total > len(found.hits):
        say(f"{len(found.hits)} of {found.total}; --limit {min(found.total, 10_000)} shows all")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _date(name: str, value: str | None) -> str | None:
    """A day, month or year as the database has it: `2017-10-08`, `2017-10`, `2017`."""
    if value is None:
        return None
    found = read_date(value)
    if found is None:
        raise typer.BadParameter(f"{name} {value}: not a date like 2017-10-08, 2017-10 or 2017")
    return found


def hit_lines(hit: Hit) -> list[Text]:
    head = Text(f"{hit.article_id:>5}  ", style="dim")
    head.append(_marked(hit.title or hit.url, hit.title_marks if hit.title else (), "bold"))
    where = Text(f"       {safe(hit.site)}", style="dim")
    if hit.published:
        where.append(f" · {hit.published[:10]}")
    if hit.more:
        where.append(f" · and {hit.more} more of this story")
    return [head, where, Text("       ").append(_marked(hit.snippet, hit.marks, "")), Text("")]


def _marked(text: str, marks: tuple[tuple[int, int], ...], style: str) -> Text:
    """Text on one line, the matches bold and yellow on a terminal."""
    line = Text(style=style)
    position = 0
    for start, end in marks:
        line.append(_flat(text[position:start]))
        line.append(_flat(text[start:end]), style="bold yellow")
        position = end
    return line.append(_flat(text[position:]))


def _flat(text: str) -> str:
    """One line of it, blanks at the ends kept."""
    flat = safe(text)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and flat else ""
    return before + flat + after
