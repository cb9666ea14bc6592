"""Pages of one site in, its furniture out. What counts as repeated is decided in `furniture`."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.extract.blocks import cut
from scraper.extract.core import extract
from scraper.extract.furniture import Survey, learn, survey_blocks
from scraper.extract.model.rules import THRESHOLD
from scraper.extract.page import parse
from scraper.model import Block, Furniture, Page

_WITNESSES = ("article", "paywall")
"""The verdicts of pages that furniture is learnt from: a front page repeats what is no furniture, an error page all."""


def learn_furniture(pages: Iterable[tuple[bytes, str]]) -> Furniture:
    """What one site repeats around its articles.

    pages: payload after content decoding and URL, as for `extract`, all of one site, in any order. Copies, print
    versions and near-identical pages of one story count once, and pages that are no article do not count: with fewer
    than two different articles nothing is learnt. Hand the result to `extract` as `furniture`.
    """
    surveys = (survey_page(payload, url) for payload, url in pages)
    return learn(survey for survey in surveys if survey is not None)


def survey_page(
    payload: bytes, url: str, *, content_type: str | None = None, page: Page | None = None
) -> Survey | None:
    """One page as a witness of its site's furniture; `None` when it is no article.

    page: what `extract` said of the same bytes, where that is known already.
    """
    if page is None:
        page = extract(payload, url, content_type=content_type)
    if page.verdict not in _WITNESSES:
        return None
    blocks = cut(parse(payload, content_type).root).blocks
    decided = list(enumerate(page.blocks))
    return survey_blocks(
        page.title,
        blocks,
        headline={at for at, block in decided if block.rule == "headline"},
        content={at for at, block in decided if _was_content(block)},
    )


def _was_content(block: Block) -> bool:
    """Whether a block was taken for content before the site's furniture was known."""
    return block.kept or (block.rule == "furniture" and block.score is not None and block.score >= THRESHOLD)
