"""Where the two lines of Datasette differ, 0.65 and 1.0. Everything else here works on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.web.attached import place_of

if TYPE_CHECKING:
    from datasette.app import Datasette

TEXT_TABLE = "articles"
"""Who may see this table may see our pages: they show what it holds."""

TABLE_WITHOUT_TEXT = "captures"
"""The same where texts are shown in excerpts, and the tables that hold them are closed to everyone."""


async def ensure_visible(
    datasette: Datasette, actor: dict[str, Any] | None, database: str, *, excerpts: bool = False
) -> None:
    """Raises: datasette.Forbidden, for whom the operator does not let see the articles."""
    table = TABLE_WITHOUT_TEXT if excerpts else TEXT_TABLE
    if hasattr(datasette, "ensure_permissions"):  # 0.65
        await datasette.ensure_permissions(
            actor, [("view-table", (database, table)), ("view-database", database), "view-instance"]
        )
        return
    from datasette.resources import TableResource  # noqa: PLC0415  -- 0.65 has no such module

    await datasette.ensure_permission(
        action="view-table", resource=TableResource(database, table), actor=actor
    )


async def visible_databases(datasette: Datasette, actor: dict[str, Any] | None) -> list[str]:
    """The names of the attached databases that the operator lets this actor see; not Datasette's own."""
    names = [name for name in datasette.databases if not name.startswith("_")]
    if hasattr(datasette, "permission_allowed"):  # 0.65
        seen = [
            await datasette.permission_allowed(actor, "view-database", resource=name, default=True)
            for name in names
        ]
    else:
        from datasette.resources import DatabaseResource  # noqa: PLC0415  -- 0.65 has no such module

        seen = [
            await datasette.allowed(action="view-database", resource=DatabaseResource(name), actor=actor)
            for name in names
        ]
    return [name for name, visible in zip(names, seen, strict=True) if visible]


async def describe(datasette: Datasette, database: str) -> None:
    """Write descriptions and queries to where 1.0 keeps them; what is there already stays."""
    if not hasattr(datasette, "set_column_metadata"):
        return
    from archive.web.describe import COLUMNS, DATABASE, TABLES  # noqa: PLC0415
    from archive.web.queries import canned  # noqa: PLC0415

    excerpts = place_of(datasette, datasette.databases[database]).excerpt_chars is not None
    stated = await datasette.get_database_metadata(database)
    for key, value in DATABASE.items():
        if key not in stated:
            await datasette.set_database_metadata(database, key, value)
    for table, description in TABLES.items():
        if "description" not in await datasette.get_resource_metadata(database, table):
            await datasette.set_resource_metadata(database, table, "description", description)
        for column, meaning in COLUMNS[table].items():
            if "description" not in await datasette.get_column_metadata(database, table, column):
                await datasette.set_column_metadata(database, table, column, "description", meaning)
    for name, query in canned(excerpts=excerpts).items():
        if await datasette.get_query(database, name) is None:
            await datasette.add_query(database, name, is_trusted=True, source="article-archive", **query)


def refusal_fields(message: str, status: int, title: str | None) -> dict[str, Any]:
    """What Datasette says in JSON of a request that cannot be met."""
    try:
        from datasette.utils import error_body  # noqa: PLC0415  -- 0.65 has no such function
    except ImportError:
        return {"ok": False, "error": message, "status": status, "title": title}
    fields: dict[str, Any] = error_body(message, status)
    return fields
