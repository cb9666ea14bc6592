"""Who signed an article, and which article of a cluster the others come from."""

from __future__ import annotations

import pytest

from archive.dedup.origins import Member, agency_marks, likely_origin
from archive.dedup.passages import Witness, is_source

BODY = "The town fell on Friday, residents said.\n\nNobody was hurt."


@pytest.mark.parametrize(
    ("text", "agencies"),
    [
        ("MEXICO CITY, Oct 7 (Reuters) - " + BODY, ("Reuters",)),
        ("BEIRUT (AFP) — " + BODY, ("AFP",)),
        ("بيروت (رويترز) - دخلت القوات المدينة يوم الجمعة.", ("Reuters",)),
        ("دخلت القوات المدينة يوم الجمعة.\n\nالمصدر: فرانس برس", ("AFP",)),
        (BODY + "\n\nSource: AFP", ("AFP",)),
        (BODY + "\n\n© dpa-infocom, dpa:171007", ("dpa",)),
        ("The monitor told AFP on Friday that the town fell.\n\nReuters could not confirm it.", ()),
        ("The ansatz of the AP course is old.", ()),
        (BODY + "\n\nWith files from the Canadian Press", ("CP",)),
        (BODY + "\n\n(Agencia EFE)", ("EFE",)),
        (BODY + "\n\nReuters", ("Reuters",)),
        (BODY + "\n\n/ Ritzau /", ("Ritzau",)),
        ("КИЕВ (УНИАН) - Город пал в пятницу.", ("UNIAN",)),
        ("МОСКВА, 7 октября. /ТАСС/. Город пал.", ("TASS",)),
        ("دمشق-سانا - دخلت القوات المدينة.\n\n(د ب أ)", ("SANA", "dpa")),
        ("الرباط (و م ع) - أعلن الوزير.", ("MAP",)),
        ("（共同通信）市は金曜日に陥落した。\n\n（ロイター）", ("Reuters",)),
        ("新华社北京10月7日电 城市周五陷落。\n\n来源：新华社", ("Xinhua",)),
        (BODY + "\n\nINTERACTIVE MAP", ()),
        (BODY + "\n\nDownload our APP", ()),
        (BODY + "\n\nAl-Masdar", ()),
        (BODY + "\n\nSAP and APAC results below", ()),
        ("SANAA - " + BODY, ()),
        ("PAPUA (Antarabangsa) - " + BODY, ()),
        ("", ()),
    ],
)
def test_an_agency_signs_and_is_not_only_quoted(text: str, agencies: tuple[str, ...]) -> None:
    assert agency_marks(text) == agencies


def test_the_byline_and_the_credited_source_are_marks() -> None:
    assert agency_marks(BODY, authors=("Jane Roe, Associated Press",), source="AFP, ANSA") == (
        "AFP",
        "ANSA",
        "AP",
    )


def member(number: int, published: str | None, captured: int) -> Member:
    return Member(number, f"https://{number}.example/", published, f"2020-01-{captured:02}T00:00:00.000000Z")


def test_the_first_published_is_the_origin_else_the_first_captured() -> None:
    early, late, undated = (
        member(1, "2017-10-07", 3),
        member(2, "2017-10-08T09:00:00Z", 1),
        member(3, None, 2),
    )
    assert likely_origin([late, undated, early]) == (early, "published")
    assert likely_origin([undated, member(4, None, 5)]) == (undated, "captured")
    same_day = member(5, "2017-10-07T23:00:00Z", 1)
    assert likely_origin([early, same_day]) == (same_day, "captured")


def test_the_source_of_a_passage_is_the_earlier_one_and_says_why() -> None:
    a, b = Witness(1, "2017-10-06", "2020-01-02"), Witness(2, "2017-10-07T01:00:00Z", "2020-01-01")
    assert is_source(a, b, (0.1, 0.9)) == (True, "published")
    undated = Witness(3, None, "2020-01-01")
    assert is_source(undated, a, (0.95, 0.2)) == (True, "whole")
    assert is_source(undated, a, (0.3, 0.2)) == (True, "captured")
    assert is_source(undated, Witness(4, None, "2020-01-01"), (0.3, 0.2))[1] == "unknown"
