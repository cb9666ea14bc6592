"""What a search finds under other spellings, and how the words of an archive are kept for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.model import SearchRequest
from archive.store import Store
from archive.store import terms as terms_module

from .conftest import START, Keeper

TEXTS = {
    "english": "Troops entered the town of Mayadeen, near Deir Ezzor, after Raqa fell. He spoke to Boris Johnson.",
    "german": "Sie nahmen gestern Al-Mayadin bei Deir ez-Zor ein, nachdem Rakka gefallen war.",
    "russian": "Войска вошли в город Маядин, а потом взяли Ракку у боевиков.",
    "arabic": "دخلت القوات مدينة الميادين بعد سقوط الرقة وهروب داعش من دير الزور",
    "acronym": "The group calls itself the Islamic State, others say ISIS of it, and who knows what else.",
    "other": "They sat on a rock by the dish, in a maiden voyage to Iraq, and the medina was full of people.",
    "kamal": "Fighters fled towards Albu Kamal on the border, which some call Boukamal.",
}


@pytest.fixture
def filled(keeper: Keeper) -> Keeper:
    for name, text in TEXTS.items():
        keeper.keep(f"https://{name}.example/1", text, "A title")
    return keeper


def found(keeper: Keeper, query: str, **fields: object) -> set[str]:
    result = keeper.store.search(SearchRequest(query, **fields))  # type: ignore[arg-type]  # any field
    return {hit.site.partition(".")[0] for hit in result.hits}


@pytest.mark.parametrize("query", ["Mayadin", "mayadeen", "al-Mayadin", "Meyadine", "الميادين", "Маядин"])
def test_one_spelling_finds_all(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"english", "german", "russian", "arabic"}


def test_what_was_searched_besides_is_said(filled: Keeper) -> None:
    result = filled.store.search(SearchRequest("Mayadin"))
    assert set(result.expanded_to) == {"mayadeen", "маядин", "الميادين"}
    hit = next(hit for hit in result.hits if hit.site == "arabic.example")
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["الميادين"]


def test_a_name_that_stood_in_capitals_at_first_is_one(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms_module, "BATCH", 1)
    keeper.keep(
        "https://one.example/1", "They asked JOSEPH, who said nothing of it to anyone there.", "A title"
    )
    keeper.keep(
        "https://two.example/1", "They asked old Joseph, who said nothing of it to those here.", "A title"
    )
    assert found(keeper, "Josef") == {"one", "two"}


def test_an_arabic_noun_is_no_name_for_its_letters(keeper: Keeper) -> None:
    keeper.keep("https://name.example/1", "وقال عمر إن المدينة هادئة اليوم", "عنوان")
    keeper.keep("https://noun.example/1", "يبلغ من العمر سبعين عاما وما زال يعمل", "عنوان")
    assert found(keeper, "Omar") == {"name"}
    keeper.keep("https://town.example/1", "دخلت القوات الرقة مساء أمس من الشمال", "عنوان")
    assert found(keeper, "Raqqa") == {"town"}


@pytest.mark.parametrize("query", ["Raqqa", "Rakka", "الرقة", "Ракка"])
def test_words_that_only_share_consonants_stay_out(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"english", "german", "russian", "arabic"}


@pytest.mark.parametrize("query", ["Deir Ezzor", "Deir az-Zour", "Dayr az-Zawr", "Deirezzor", "دير الزور"])
def test_a_name_of_two_words_is_one_name(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"english", "german", "arabic"}


@pytest.mark.parametrize("query", ["Al Mayadin", "al mayadeen", "El Meyadine", "Аль Маядин", "эль-Маядин"])
def test_an_article_before_a_name_is_part_of_it(filled: Keeper, query: str) -> None:
    assert found(filled, query) == found(filled, "Al-Mayadin") == {"english", "german", "russian", "arabic"}


@pytest.mark.parametrize("query", ["ar Raqqa", "Ar Rakka", "ар Ракка"])
def test_an_article_may_be_said_as_the_name_begins(filled: Keeper, query: str) -> None:
    assert found(filled, query) == found(filled, "ar-Raqqa") == {"english", "german", "russian", "arabic"}


def test_names_near_other_words_are_found_in_every_spelling(filled: Keeper) -> None:
    for query in ("Mayadin NEAR town", "NEAR(town Meyadine, 5)", "town NEAR/2 Маядин"):
        assert found(filled, query) == {"english"}, query
    assert found(filled, "Mayadin NEAR/6 Raqqa") == {"english", "german", "russian", "arabic"}
    assert found(filled, "Mayadin NEAR town", exact=True) == set()


def test_names_in_titles_are_found_in_every_spelling(keeper: Keeper) -> None:
    for name, text in TEXTS.items():
        keeper.keep(f"https://{name}.example/1", f"{text} Again.", text[:60])
    assert found(keeper, "title:Mayadin") == {"english", "german", "russian", "arabic"}
    assert found(keeper, "title:Deirezzor") == {"english", "german"}
    assert found(keeper, 'title:"Mayadin"') == found(keeper, "title:Mayadin", exact=True) == {"german"}


def test_what_only_looks_like_an_article_is_a_word(filled: Keeper) -> None:
    assert found(filled, "at Mayadin") == found(filled, "as Raqqa") == set()
    assert found(filled, "al town") == set()


def test_a_german_noun_is_no_name(keeper: Keeper) -> None:
    for at in range(4):
        keeper.keep(
            f"https://nouns{at}.example/1",
            f"Er sprach mit den Klienten, und zwar {at} mal. Hasen sah er auch.",
        )
    keeper.keep(
        "https://name.example/1", "Yesterday Clinton spoke, and so did Hassan of Clinton and of Hasen."
    )
    assert keeper.store.search(SearchRequest("Clinton")).expanded_to == ()
    assert keeper.store.search(SearchRequest("Hassan")).expanded_to == ()
    assert keeper.store.search(SearchRequest("Hazen")).expanded_to == ("hasen",)  # no article precedes it


def test_a_spelling_that_the_archive_has_not_finds_the_synonyms_of_those_it_has(keeper: Keeper) -> None:
    keeper.keep(
        "https://one.example/1", "They met at Kopenhagen, where the fog was, and went home.", "A title"
    )
    keeper.keep("https://two.example/1", "De rejste til København, og kom hjem igen samme aften.", "En titel")
    assert found(keeper, "Kopenhaagen") == {"one", "two"}


def test_a_genitive_that_is_typed_finds_the_name(keeper: Keeper) -> None:
    for at in range(3):
        keeper.keep(
            f"https://name{at}.example/1", f"Yesterday, said Wagner, it was {at} degrees here.", "A title"
        )
    keeper.keep(
        "https://genitive.example/1", "Gestern war, wie Wagners Sprecher sagte, alles ruhig.", "Ein Titel"
    )
    assert len(found(keeper, "Wagners")) == 4


def test_a_genitive_is_rarer_than_its_name(keeper: Keeper) -> None:
    for at in range(4):
        keeper.keep(f"https://names{at}.example/1", f"Heute, und zwar {at} mal, in Teheran und mit William.")
    keeper.keep("https://genitive.example/1", "Er sprach von Teherans Plänen, und von denen des Williams.")
    keeper.keep("https://surname1.example/1", "Then came Williams, and later others.")
    keeper.keep("https://surname2.example/1", "Nobody asked Williams, nor anybody else.")
    assert keeper.store.search(SearchRequest("Tehran")).expanded_to == ("teheran", "teherans")
    assert keeper.store.search(SearchRequest("William")).expanded_to == ()
    assert keeper.store.search(SearchRequest("Williams")).expanded_to == ()


@pytest.mark.parametrize("query", ["Mari'b", "Ma’rib", "Maʼrib"])
def test_an_apostrophe_parts_no_name(keeper: Keeper, query: str) -> None:
    keeper.keep("https://joined.example/1", "They came to Marib by night, and left it again.")
    keeper.keep("https://parted.example/1", "The dam of Ma'rib, as others write it, and the rib of Ma.")
    assert found(keeper, query) >= {"joined"}
    assert found(keeper, "Ma'rib") == {"joined", "parted"}


@pytest.mark.parametrize("query", ["Дейр-эз-Зор", "Дейр эз Зор", "Дейр эз-Зор"])
def test_a_name_of_two_words_is_the_same_with_hyphens(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"english", "german", "arabic"}


@pytest.mark.parametrize("query", ["Abu Kamal", "Albu Kamal", "Bukamal", "al-Boukamal", "البوكمال"])
def test_a_name_may_be_written_together_or_apart(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"kamal"}


@pytest.mark.parametrize(
    "query", ["ISIS", "ISIL", "Daesh", '"Islamic State" OR Daesh', "Islamic State", "داعش"]
)
def test_synonyms_ship(filled: Keeper, query: str) -> None:
    assert found(filled, query) == {"acronym", "arabic"}


def test_an_acronym_is_no_word_in_small_letters(filled: Keeper) -> None:
    assert filled.store.search(SearchRequest("WHO")).expanded_to == ()
    assert filled.store.search(SearchRequest("who")).expanded_to == ()


def test_synonyms_of_ones_own_are_added(filled: Keeper) -> None:
    assert found(filled, "bozza") == set()
    assert found(filled, "bozza", synonyms=(("Bozza", "Boris Johnson"),)) == {"english"}


def test_quotes_and_exact_mean_the_very_words(filled: Keeper) -> None:
    assert found(filled, '"Mayadin"') == {"german"}
    assert found(filled, "Mayadin", exact=True) == {"german"}
    assert filled.store.search(SearchRequest("Mayadin", exact=True)).expanded_to == ()


def test_a_common_word_is_searched_as_it_is(filled: Keeper) -> None:
    assert filled.store.search(SearchRequest("town")).expanded_to == ()


def test_words_are_found_before_and_after_they_are_sorted_in(filled: Keeper) -> None:
    count = "SELECT count(*) FROM terms_waiting"
    assert filled.store._connection.execute(count).fetchone() == (len(TEXTS),)
    before = {query: found(filled, query) for query in ("Mayadin", "Rakka", "Abu Kamal", "ISIS")}
    filled.store.end_run(filled.store.start_run("add", START), START, {})
    assert filled.store._connection.execute(count).fetchone() == (0,)
    assert {query: found(filled, query) for query in before} == before
    filled.store.check_integrity()


def test_what_an_older_archive_holds_is_noted_in_batches_that_go_on(
    filled: Keeper, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = filled.store._connection
    for table in ("terms", "term_skeletons", "terms_waiting"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
    assert found(filled, "Mayadin") == {"german"}

    asked = iter(range(2))
    note = terms_module.TermIndex._add

    def killed(self: terms_module.TermIndex, article_id: int, title: str, text: str) -> None:
        if article_id == 5 and next(asked, None) is not None:
            raise RuntimeError
        note(self, article_id, title, text)

    monkeypatch.setattr(terms_module.TermIndex, "_add", killed)
    with pytest.raises(RuntimeError):
        filled.store.note_unnoted(batch=2)
    assert connection.execute("SELECT count(*) FROM terms_waiting").fetchone() == (4,)
    monkeypatch.undo()
    with Store.open(path) as again:
        assert again.note_unnoted(batch=2) == len(TEXTS) - 4
        assert again.note_unnoted() == 0
        assert found(Keeper(again), "Mayadin") == {"english", "german", "russian", "arabic"}


def test_a_changed_text_is_found_by_its_new_words(filled: Keeper) -> None:
    filled.keep("https://other.example/1", "They were at Mossoul in the end.", "A title")
    assert found(filled, "Mosul") == {"other"}
    assert filled.store.search(SearchRequest("Mossul")).expanded_to == ("mossoul",)


PLAIN_TEXTS = {
    "hill": "The old mound of Tell Abyad lies here. Nobody could tell the president what was to be seen from it.",
    "told": "When they met again, the president had nobody to tell that a tall mound was in need of a building.",
    "german": "Das Schiff, das der Lotse gestern in die Stadt gebracht hat, verließ heute abend wieder den Hafen.",
    "monastery": "They came to Deir Hafer at noon, near Tel Abyad, and to Deir ez-Zor that evening.",
    "tel": "The ones who say Tel Abjad mean the same town.",
}


@pytest.fixture
def plain_words(keeper: Keeper) -> Keeper:
    for name, text in PLAIN_TEXTS.items():
        keeper.keep(f"https://{name}.example/1", text, "A title")
    return keeper


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("tell president", {"hill", "told"}),
        ("tall building", {"told"}),
        ("der hafen", {"german"}),
        ("tell town", set()),
        ("site:told.example tell that", {"told"}),
    ],
)
def test_a_first_part_in_small_letters_is_a_plain_word_where_the_archive_has_it_so(
    plain_words: Keeper, query: str, wanted: set[str]
) -> None:
    assert found(plain_words, query) == wanted
    assert plain_words.store.search(SearchRequest(query)).expanded_to == ()


@pytest.mark.parametrize("query", ["tell abyad", "tell el abyad", "Tell Abyad", "tell Abyad"])
def test_a_name_of_two_parts_is_found_in_small_letters_too(plain_words: Keeper, query: str) -> None:
    assert found(plain_words, query) == {"hill", "monastery", "tel"}


def test_a_first_part_that_is_typed_with_a_capital_or_no_word_of_the_archive_is_part_of_a_name(
    plain_words: Keeper,
) -> None:
    assert found(plain_words, "Der Hafen") == set()
    assert found(plain_words, "deir hafer") == found(plain_words, "dayr hafer") == {"monastery"}


IN_PARTS = {
    ("Nasrallah", "نصر الله", "نصرالله", "Насралла", "Nasr Allah"): (
        "Gestern sprach Nasrallah in Beirut.",
        "وقال حسن نصر الله امس",
        "وقال حسن نصرالله امس",
        "Вчера выступил Насралла в Бейруте.",
        "He met Nasr Allah, and later Nasr again.",
    ),
    ("Nureddin", "نور الدين", "نورالدين", "Nur al-Din", "Nureddine"): (
        "وصل نور الدين",
        "وصل نورالدين",
        "There came Nureddine.",
        "There was Nur al-Din, too.",
    ),
    ("عبد الفتاح", "Abdelfattah", "Abd al-Fattah", "عبدالفتاح"): (
        "وصل عبد الفتاح",
        "There came Abdelfattah.",
        "وصل عبدالفتاح",
        "Of Abdel Fattah they said",
    ),
}


@pytest.mark.parametrize(
    ("query", "texts"), [(query, texts) for queries, texts in IN_PARTS.items() for query in queries]
)
def test_a_first_or_last_part_stands_apart_or_not_in_every_script(
    keeper: Keeper, query: str, texts: tuple[str, ...]
) -> None:
    for number, text in enumerate(texts):
        keeper.keep(f"https://s{number}.example/1", text)
    assert found(keeper, query) == {f"s{number}" for number in range(len(texts))}


def test_words_that_are_no_name_with_it_stay_words(keeper: Keeper) -> None:
    keeper.keep("https://far.example/1", "قال رجال من المدينة كلها ان هذا كلام طويل جدا عن الدين")
    assert found(keeper, "رجال الدين") == {"far"}
