"""Which words are spellings of one name, and which only look so."""

from __future__ import annotations

import random

import pytest

from archive.search.arabic import spells
from archive.search.common import is_common
from archive.search.names import is_same_name, matches_name, search_keys, written_forms
from archive.search.skeletons import _DOUBTFUL, _skeletons_of, skeletons
from archive.search.sounds import coarse, fine_readings, plain, readings, readings_abroad, script_of

SPELLINGS = {
    "Mayadin": "Mayadeen Mayadine Meyadin Miyadin Majadin Маядин Маядине الميادين المیادین",
    "Raqqa": "Raqa Raqqah Rakka Arraqqa Ракка Ракку الرقة",
    "Qaryatayn": "Qaryatain Karyatein Карьятейн القريتين",
    "Lavrov": "Lawrow Ławrow Лавров Лаврова لافروف",
    "Mosul": "Mossul Mossoul Мосул الموصل",
    "Khartoum": "Khartum Chartum Jartum Хартум الخرطوم",
    "Gorbachev": "Gorbatschow Gorbatchev Gorbaczow Горбачёв غورباتشوف",
    "Zelensky": "Zelenskyy Selenskyj Zelenskij Зеленский Зеленського زيلينسكي",
    "Netanyahu": "Netanjahu Nétanyahou Нетаньяху نتنياهو",
    "Gaddafi": "Qaddafi Kadhafi Gheddafi Каддафи القذافي",
    "Luhansk": "Lugansk Луганск Луганськ",
    "Mohammed": "Muhammad Mohamed Мухаммед محمد",
    "Obama": "Обама أوباما",
    "Johnson": "Джонсон جونسون",
    "Kiev": "Kiew",
    "Putin": "Poutine Путина بوتين",
    "Erdoğan": "Erdogan Эрдоган أردوغان",
    "Aleppo": "Aleppos",
    "Hasakah": "Hasaka Hassakeh Hasakeh الحسكة",
    "Hama": "Hamah حماة",
    "Donetsk": "Donezk Донецк Донецька دونيتسك",
    "Vinnytsia": "Winnyzja Вінниця",
    "Mariupol": "Marioupol Мариуполь ماريوبول",
    "Shoigu": "Schoigu Шойгу شويغو",
    "Khamenei": "Chamenei Хаменеи خامنئي",
    "Latakia": "Lattakia Latakieh",
    "Trump": "Трамп Трампа ترامب ترمب",
    "Duncan": "Данкан دانكان",
    "Brezhnev": "Breschnew Brejnev Брежнев بريجنيف",
    "Zakharova": "Sacharowa Захарова زاخاروفا",
    "Solzhenitsyn": "Solschenizyn Солженицын سولجنيتسين",
    "Yeltsin": "Jelzin Ельцин يلتسين",
    "Khrushchev": "Chruschtschow Хрущёв خروتشوف Kruşçev",
    "Aliyev": "Alijew Aliev Əliyev Алиев علييف",
    "Dostoevsky": "Dostojewski Dostoïevski Достоевский دوستويفسكي",
    "Tokayev": "Tokajew Tokaïev Токаев توكاييف",
    "Sarajevo": "Sarajewo Сараево سراييفو",
    "Milosevic": "Милошевич ميلوسيفيتش",
    "Karadzic": "Караджич",
    "Srebrenica": "Сребреница",
    "Scholz": "Шольц شولتس",
    "Winston": "Уинстон",
    "Ouagadougou": "Wagadugu Уагадугу واغادوغو",
    "McDonald": "MacDonald Макдональд ماكدونالد",
    "Biden": "Байден بايدن",
    "Müller": "Мюллер مولر",
    "Karzai": "Karsai Карзай كرزاي",
    "Elizabeth": "Элизабет إليزابيث",
    "Nasrallah": "نصرالله Насралла",
    "Abdullah": "عبدالله",
    "Osama": "Usama Усама أسامة",
    "Saleh": "Salih Салех صالح",
    "Rafah": "رفح Рафах",
    "Doha": "Доха الدوحة",
    "Sanaa": "صنعاء Сана",
    "Suwayda": "Sweida السويداء Сувейда",
    "Haniyeh": "Haniya Hanija هنية Хания",
    "Herat": "هرات Герат",
    "Peshmerga": "Peschmerga البيشمركة Пешмерга",
    "Bengasi": "Benghazi بنغازي Бенгази",
    "Chekhov": "Çehov Tschechow Чехов",
    "Zhukov": "Schukow Joukov Жуков",
    "Yerevan": "Erevan Jerewan Ереван",
    "Abdelfattah": "عبدالفتاح",
    "Abdurrahman": "عبدالرحمن",
    "Nureddin": "نورالدين Nuriddine",
    "Churchill": "تشرشل Черчилль",
    "Banias": "Baniyas بانياس Банияс",
    "Ahmed": "Ahmad Ahmet Ахмед أحمد",
    "Murad": "Murat Мурад مراد",
    "Hussein": "Hussain Hossein Hoessein Хусейн حسين",
    "Gülen": "Guelen Гюлен غولن",
    "Zawahiri": "Sawahiri Завахири الظواهري",
    "Manbij": "Manbidj Minbej Манбидж منبج",
    "Afrin": "Efrin Африн عفرين",
    "Kamal": "Kamel كمال",
    "Cohen": "Kohen Коэн كوهين",
    "Warren": "Уоррен وارن",
    "Sanders": "Сандерс ساندرز",
    "Peres": "Перес بيريز",
    "Kelley": "Kelly Келли كيلي",
    "Rachmaninow": "Rachmaninoff Рахманинов",
    "Fouad": "Fuad فؤاد Фуад",
    "Daoud": "Daud Dawood داود Дауд",
    "Riyadh": "Riad Riyad الرياض",
    "Ismael": "Ismail إسماعيل Исмаил",
    "Taez": "Taiz تعز Таиз",
    "Kraemer": "Krämer Kramer",
    "Serguei": "Sergei Sergey Сергей سيرغي",
    "Kasachstan": "Kazakhstan Казахстан",
    "Juri": "Yuri Юрий",
    "Jussuf": "Yusuf Юсуф يوسف",
    "Lukashenka": "Lukashenko Лукашенко",
    "Stuttgart": "Штутгарт شتوتغارت",
    "Wagner": "Wagners Вагнер فاغنر",
}

OTHERS = {
    "Raqqa": "rock Iraq Rick RKI Rico",
    "Mayadin": "Medina maiden madden",
    "Paris": "Pérez prize",
    "Beirut": "Barrett",
    "Homs": "Hamas",
    "Hama": "Hamas حماس home ham",
    "Palmyra": "Palmer",
    "Putin": "Bauten Patton",
    "القريتين": "Kreation",
    "داعش": "Dach dish",
    "London": "Linden",
    "Bund": "Band",
    "Sanaa": "Sonia Senna",
    "أعضاء": "Aida Ada",
    "العمر": "Elmer Ulmer",
    "Jenin": "Szenen",
    "Jaden": "Schaden",
    "Szene": "Satzen",
    "المركز": "Marcos Markus",
    "الشعر": "Chaire",
    "الحزب": "Hasib",
    "Biden": "Baden Bayden",
    "Bashar": "Bashir بشعر",
    "Michael": "Mitchell Michelle",
    "Simon": "Simone",
    "Daniel": "Danielle",
    "Jean": "Jeanne",
    "Francisco": "Francisca",
    "Antonio": "Antonia Anthony",
    "Christian": "Christiane Christine",
    "Martinez": "Martens",
    "Steven": "Stefan",
    "Jones": "Younes Yunis",
    "John": "Yoon",
    "Luis": "Louis",
    "Starmer": "Stromer",
    "Scholz": "Schulz",
    "Qatar": "Kater",
    "Wallace": "Wales",
    "Jonas": "Jones",
    "Mitchell": "Mikhail Михаил",
    "Kevin": "Gewinne",
    "Docker": "Zucker",
    "Jensen": "Chancen Janssen",
    "Weber": "Fieber",
    "Вебер": "Fieber",
    "Volker": "Walker",
    "Wagner": "Wegner",
    "Becker": "Bakker",
    "Беккер": "Bakker",
    "Walker": "Welker",
    "Sanders": "Senders",
    "Stephen": "Stufen Stoffen",
    "Sudan": "Soden Suzanne",
    "Warren": "Vereine wirren",
    "Kherson": "Carson",
    "Bachir": "Becker",
    "Mike": "Maike Meike",
    "Canada": "Кеннеди",
    "بوتين": "Bauten",
    "حسين": "Hosen Hasen Hessen",
    "البشير": "Becher butcher",
    "عفرين": "Frauen Warren",
    "غولن": "Köln colon",
    "موضع": "Modi",
    "كبير": "Cooper",
    "أعلن": "Elon Alan",
    "غير": "Keir",
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_one_name_are_found_from_each_of_them(name: str) -> None:
    typed = plain(name)
    for spelling in map(plain, SPELLINGS[name].split()):
        assert search_keys(typed).intersection(skeletons(spelling)), spelling
        assert is_same_name(typed, spelling), spelling
        assert is_same_name(spelling, typed), spelling


@pytest.mark.parametrize("name", OTHERS)
def test_other_words_are_not_taken_for_spellings(name: str) -> None:
    assert [one for one in OTHERS[name].split() if is_same_name(plain(name), plain(one))] == []


def test_a_word_read_in_one_way_has_the_skeleton_of_that_reading() -> None:
    chance = random.Random(5)  # noqa: S311 - the same words at every run
    words = ["".join(chance.choices("abcdefghiklmnopqrstuvxz", k=chance.randint(2, 12))) for _ in range(3000)]
    plainly = [word for word in words if not _DOUBTFUL.search(word)]
    assert len(plainly) > 1000
    for word in plainly:
        slowly = {one for reading in readings_abroad(word) for one in _skeletons_of(reading) if one}
        assert set(skeletons(word)) == slowly, word


def test_arabic_is_found_with_what_is_written_before_it() -> None:
    assert {"داعش", "وداعش", "بداعش", "لداعش"} <= set(written_forms("داعش"))
    assert {"ميادين", "الميادين", "والميادين", "للميادين"} <= set(written_forms("الميادين"))
    assert written_forms("mosul") == ("mosul",)


def test_consonants_must_agree_and_long_vowels_stand() -> None:
    assert spells("الميادين", "mayadin")
    assert not spells("الميادين", "mydin")
    assert not spells("الميادين", "mayatin")


def test_the_commonest_words_of_arabic_letters_are_no_names() -> None:
    assert all(map(is_common, ("كبير", "بشكل", "وعلي", "والعمل", "شدن")))
    arabic = [
        one for forms in SPELLINGS.values() for one in map(plain, forms.split()) if script_of(one) == "arabic"
    ]
    assert len(arabic) > 50
    assert [one for one in (*arabic, "عمر", "بشار", "وليد") if is_common(one)] == []


def test_a_reading_for_arabic_has_three_of_the_vowels_of_one_for_latin() -> None:
    assert fine_readings("mohsen")[0] == "mohsen"
    assert readings("mohsen")[0] == "muhsin"
    for words in SPELLINGS.values():
        for word in map(plain, words.split()):
            assert set(readings(word)) == set(map(coarse, fine_readings(word)))


def test_a_text_matches_a_name_that_it_spells_otherwise() -> None:
    assert matches_name("Mayadin", "Truppen rücken auf Al-Mayadeen vor.")
    assert matches_name("Mayadin", "دخلت القوات مدينة الميادين أمس")
    assert matches_name("Ракка", "the fall of Raqqa")
    assert not matches_name("Raqqa", "They sat on a rock in Iraq.")
    assert not matches_name("Aden", "an oden, a stew")


@pytest.mark.parametrize(
    "word", ["", "a", "ß", "1234", "ـ", "ع", "ىىى", "yyyy", "hhh", "w" * 200, "日本", "ا" * 30]
)
def test_any_word_has_an_answer(word: str) -> None:
    search_keys(plain(word))
    assert isinstance(is_same_name(plain(word), "mosul"), bool)
    assert isinstance(is_same_name("الموصل", plain(word)), bool)
