"""Claims about the encoding a page is read in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extract import extract
from scraper.extract.charset import decode, known_codec

ARABIC = "دخلت القوات المدينة يوم الجمعة بعد أسابيع من القتال، وقال شهود إن الجسر أغلق أمام السيارات."


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("latin-1", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("ascii", "cp1252"),
        ("windows-1256", "cp1256"),
        ("iso-8859-9", "cp1254"),
        ("gb2312", "gb18030"),
        ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("utf8", "utf-8"),
        ("iso-8859-8-i", "iso8859-8"),
        ("tis-620", "cp874"),
    ],
)
def test_a_label_means_what_it_means_on_the_web(label: str, codec: str) -> None:
    assert known_codec(label) == codec


@pytest.mark.parametrize(
    "label",
    [
        "zip",
        "zlib",
        "bz2",
        "base64",
        "rot13",
        "idna",
        "punycode",
        "unicode_escape",
        "utf-7",
        "undefined",
        "\x00",
        "",
        "\ud800",
    ],
)
def test_a_label_that_is_no_encoding_of_pages_is_none(label: str) -> None:
    assert known_codec(label) is None


def test_a_byte_order_mark_goes_before_every_label() -> None:
    payload = b"\xef\xbb\xbf" + '<meta charset="windows-1252"><p>é'.encode()
    assert decode(payload, "text/html; charset=koi8-r") == ('<meta charset="windows-1252"><p>é', "utf-8")
    assert decode("\ufeffقلعة".encode("utf-16-le"))[0] == "قلعة"


def test_the_header_goes_before_the_meta() -> None:
    payload = b'<meta charset="windows-1251">' + ARABIC.encode("cp1256")
    text, encoding = decode(payload, "text/html; charset=windows-1256")
    assert encoding == "windows-1256"
    assert ARABIC in text


@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="windows-1256">',
        "<meta charset=windows-1256>",
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1256">',
        "<?xml version='1.0' encoding='windows-1256'?>",
    ],
)
def test_the_meta_is_read_in_every_form(meta: str) -> None:
    text, encoding = decode(meta.encode() + b"<p>" + ARABIC.encode("cp1256"))
    assert (encoding, text.endswith(ARABIC)) == ("windows-1256", True)


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("windows-1254", "cp1254", "Deniz feneri bekçisi geçen gemileri şimdi elle sayıyor, dedi; ığdır"),
        ("koi8-r", "koi8-r", "Смотритель маяка считает проходящие корабли вручную."),
        ("gb18030", "gb18030", "守塔人每天记录过往船只。"),
        ("shift_jis", "cp932", "灯台守は通る船を手で数えている。"),
        ("euc-kr", "cp949", "등대지기는 지나가는 배를 손으로 센다."),
    ],
)
def test_pages_in_the_encodings_of_a_country_are_read_as_labelled(label: str, codec: str, text: str) -> None:
    markup = f'<html><head><meta charset="{label}"></head><body><p>{text}</p>'
    assert decode(markup.encode(codec))[0] == markup
    assert text in decode(f"<p>{text}".encode(codec), f"text/html; charset={label}")[0]


def test_a_page_that_says_nothing_is_utf8_when_it_can_be() -> None:
    assert decode(ARABIC.encode()) == (ARABIC, "utf-8")


def test_a_page_that_says_nothing_is_guessed_last() -> None:
    assert decode(("<p>" + ARABIC * 5).encode("cp1256")) == ("<p>" + ARABIC * 5, "windows-1256")


def test_a_single_byte_label_on_utf8_is_passed_over() -> None:
    """A browser saves every page as UTF-8 and leaves the meta as it was."""
    payload = '<meta charset="iso-8859-1"><p>Müller sprach über Öl.'.encode()
    assert "Müller sprach über Öl." in decode(payload)[0]


def test_utf8_that_the_bytes_disprove_is_passed_over() -> None:
    payload = b'<meta charset="windows-1256"><p>' + ARABIC.encode("cp1256")
    assert decode(payload, "text/html; charset=utf-8")[1] == "windows-1256"


def test_one_broken_sequence_does_not_disprove_utf8() -> None:
    payload = (ARABIC * 10).encode() + b"\xff"
    text, encoding = decode(payload, "text/html; charset=utf-8")
    assert encoding == "utf-8"
    assert text == ARABIC * 10 + "\ufffd"


@pytest.mark.parametrize("header", ["text/html; charset=utf-8", None])
def test_one_stray_byte_does_not_disprove_a_declared_utf8_of_few_accents(header: str | None) -> None:
    page = "<meta charset=utf-8><p>“We were promised a café by Söder,” she said.</p>".encode() + b"<p>Caf\xe9"
    text, name = decode(page, header)
    assert name == "utf-8"
    assert "“We were promised a café by Söder,”" in text
    assert text.endswith("Caf\ufffd")


def test_windows_1252_that_is_declared_utf8_is_still_told() -> None:
    page = "<meta charset=utf-8><p>“We were promised a café by Söder,” she said.</p>".encode("cp1252")
    text, name = decode(page, "text/html; charset=utf-8")
    assert name.startswith("windows-125")
    assert "“We were promised a café by Söder,”" in text


def test_a_chinese_label_on_a_page_of_utf8_is_passed_over() -> None:
    page = f"<meta charset=gb2312><p>{'这是一个测试。' * 4}"
    assert decode(page.encode()) == (page, "utf-8")
    assert decode(page.encode("gb2312")) == (page, "gb18030")


def test_a_declared_utf16_that_could_be_read_is_utf8() -> None:
    assert decode('<meta charset="utf-16"><p>ä'.encode())[0].endswith("ä")


def test_chinese_in_its_own_encoding_is_not_taken_for_utf8() -> None:
    """The two characters of 联通 in GBK happen to be valid UTF-8."""
    assert "联通" in decode(b'<meta charset="gbk">' + "联通".encode("gbk"))[0]


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=40)))
def test_no_bytes_and_no_header_raise(payload: bytes, content_type: str | None) -> None:
    text, encoding = decode(payload, content_type)
    assert isinstance(text, str)
    assert encoding


TEXTS = {
    "cp1256": ARABIC,
    "cp1251": "Городской совет проголосовал за закрытие старого рыбного рынка, завершив долгий спор.",
    "koi8-r": "Городской совет проголосовал за закрытие старого рыбного рынка, завершив долгий спор.",
    "cp1253": "Το δημοτικό συμβούλιο ψήφισε το κλείσιμο της παλιάς ψαραγοράς μετά από πολλά χρόνια.",
    "cp1255": "מועצת העיר הצביעה ביום שלישי על סגירת שוק הדגים הישן אחרי יותר מעשר שנים.",
    "cp1254": "Belediye meclisi bu gece eski balık pazarının kapatılmasına karar verdi ve bu şehir için çok iyi.",
    "iso8859-2": "Rada miasta zagłosowała we wtorek za zamknięciem targu, który się nie opłacał, ale jest.",
    "gb18030": "市议会周二晚上投票决定关闭旧鱼市场，结束了十多年来分裂这座港口城市的争论。",
    "shift_jis": "市議会は火曜日の夜、古い魚市場を閉鎖することを決定し、論争に終止符を打った。",
    "euc_jp": "市議会は火曜日の夜、古い魚市場を閉鎖することを決定し、論争に終止符を打った。",
    "cp949": "시의회는 화요일 밤 오래된 수산시장을 폐쇄하기로 의결하여 논쟁을 끝냈다.",
    "cp1252": "El año pasado la niña española cantó en la montaña, según el señor Muñoz.",
}


@pytest.mark.parametrize("head", ["", '<meta charset="iso-8859-1">', '<meta charset="windows-1252">'])
@pytest.mark.parametrize("codec", TEXTS)
def test_a_page_that_says_nothing_or_names_the_default_is_read_by_its_bytes(codec: str, head: str) -> None:
    page = f"<html><head>{head}</head><body><p>{(TEXTS[codec] + ' ') * 4}</p></body></html>"
    assert decode(page.encode(codec))[0] == page


@pytest.mark.parametrize("head", ["", '<meta charset="iso-8859-1">'])
def test_a_short_page_in_turkish_of_few_small_words_is_read(head: str) -> None:
    text = (
        "<p>Liman idaresi salı günü yaptığı açıklamada feribotun nisan ayından itibaren yeniden sefere başlayacağını "
        "duyurdu.<p>İskele kışın iki kez hasar görmüştü. Kırk kazıktan on biri değiştirildi."
    )
    assert decode(f"<html><head>{head}{text}".encode("cp1254"))[1] == "windows-1254"


def test_a_page_in_utf8_with_a_sentence_in_another_encoding_stays_utf8() -> None:
    said = "Die Fähre fährt wieder, teilte die Hafenbehörde mit. Der Anleger war beschädigt, Taucher prüften Pfähle."
    added = "Ein Nachtrag über die Fähre."
    page = b'<meta charset="utf-8"><p>' + said.encode() + b"<p>" + added.encode("cp1252")
    text, encoding = decode(page)
    assert said in text
    assert encoding == "utf-8"


@pytest.mark.parametrize(
    "text",
    [
        "Der Bürgermeister sagte, die Straße werde für die Fußgänger geöffnet.",
        "L’été dernier, l’élève a été reçu à l’école où il était déjà allé.",
        "Ég er að fara í búðina og það var gott veður þegar við komum þangað.",
        "ÉTÉ ÀÉÈÙ ÖÄÜß",
        "“One café”, he said.",
    ],
)
def test_a_western_page_is_as_it_says(text: str) -> None:
    page = f'<html><head><meta charset="iso-8859-1"></head><body><p>{text}</p>'
    assert decode(page.encode("cp1252")) == (page, "windows-1252")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", ["text/html; charset=utf-16", "text/html"])
def test_utf16_is_told_without_a_mark(codec: str, header: str) -> None:
    page = f"<html><head><title>قلعة</title></head><body><p>{ARABIC}</p>"
    assert decode(page.encode(codec), header) == (page, codec)
    assert extract(page.encode(codec), "https://example.org/1", content_type=header).encoding == codec
