"""The tables of the pages, all made by one macro."""

from __future__ import annotations

import pytest
from lxml.html import HtmlElement, document_fromstring

from tests.web.linked import CLUSTER_ID, FLOOD_ID, WIRE_ID
from tests.web.served import Served

PAGES = (
    f"/article/{FLOOD_ID}",
    f"/article/{FLOOD_ID}/diff?a=1&b=2",
    f"/article/{WIRE_ID}/explain",
    f"/cluster/{CLUSTER_ID}",
    "/timeline",
    "/sites",
    "/jobs",
)


def is_named(table: HtmlElement, page: HtmlElement) -> bool:
    """Whether the table stands in a region that can be reached by keyboard and has a name."""
    region = table.getparent()
    heading = page.get_element_by_id(region.get("aria-labelledby"), None)
    return (region.get("role"), region.get("tabindex")) == ("region", "0") and (
        bool(region.get("aria-label")) or (heading is not None and bool(heading.text_content().strip()))
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_table_is_named_and_its_cells_say_their_columns(linked: Served, path: str) -> None:
    page = document_fromstring(linked.text(path))
    tables = page.findall(".//table")
    assert tables
    for table in tables:
        assert is_named(table, page)
        columns = [head.text_content() for head in table.findall("thead/tr/th")]
        assert all(columns)
        assert {head.get("scope") for head in table.findall("thead/tr/th")} == {"col"}
        cells = table.findall("tbody/tr/td")
        assert cells
        for cell in cells:
            named = cell.get("data-label")
            assert named in columns if cell.text_content().strip() else named is None
        for row in table.findall("tbody/tr"):
            assert len(row) in (len(columns), len(columns) - 1), "a name of several rows stands in the first"
