"""`archive similar`: the copies, near-duplicates, borrowers and sources of an article."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import app, open_here
from archive.cli.output import put, put_json, safe, say
from archive.store.likeness import ClusterSummary, Similar

WORDS = {
    "copy": "same text",
    "near": "near-duplicate",
    "cluster": "same cluster",
    "contains": "source of passages",
    "contained-in": "borrows passages",
}


@app.command()
def similar(
    which: Annotated[str, typer.Argument(metavar="ID|URL", help="An article's number, or its address.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show which other articles say the same, or share passages with one."""
    with open_here() as archive:
        article = archive.article(which)
        found = archive.store.similar(article.id)
        cluster = archive.store.cluster(article.cluster_id) if article.cluster_id is not None else None
    if as_json:
        for one in found:
            put_json("similar", asdict(one))
        put_json(
            "summary",
            {
                "article_id": article.id,
                "similar": len(found),
                "cluster": asdict(cluster) if cluster is not None else None,
            },
        )
        return
    for one in found:
        put(_line(one))
    say(_summary(article.id, len(found), cluster))


def _line(one: Similar) -> Text:
    line = Text(f"{one.article_id:>5}  ", style="dim")
    line.append(f"{WORDS[one.relation]:<18}  ", style="cyan" if one.relation != "cluster" else "dim")
    how = ""
    if one.jaccard is not None:
        how = f"{one.jaccard:.0%}"
    elif one.words is not None:
        how = f"{one.words} words"
    line.append(f"{how:>10}  ")
    line.append(safe(one.title or one.url), style="bold")
    line.append(f"  {safe(one.site)}", style="dim")
    return line.append(f" · {one.published[:10]}", style="dim") if one.published else line


def _summary(article_id: int, count: int, cluster: ClusterSummary | None) -> str:
    if not count:
        return f"nothing like article {article_id} is held"
    if cluster is None:
        return f"{count} {'article shares' if count == 1 else 'articles share'} passages with article {article_id}"
    said = f"{cluster.articles} articles in cluster {cluster.cluster_id}; likely origin: article {cluster.origin_id}"
    said += f" ({cluster.origin_basis} first)"
    return said + (f"; signed {', '.join(cluster.agencies)}" if cluster.agencies else "")
