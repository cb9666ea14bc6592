"""Numbers that are written as words, so that `fourteen` for `fifteen` is seen as a changed figure. Data."""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf vingt",
    "de": "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte",
    "it": "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on",
    "ru": "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать "
    "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать",
    "ar": "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
}
"""One to ten or twenty, in order."""

_TENS: Final = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "fr": "vingt trente quarante cinquante soixante",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "tr": "yirmi otuz kırk elli altmış yetmiş seksen doksan",
    "ru": "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    "ar": "عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون",
}
"""Twenty, thirty …"""

_LARGE: Final = {
    100: "hundred cent hundert cien ciento cento yüz сто مئة مائة",
    1000: "thousand mille tausend mil bin тысяча ألف",
    1_000_000: "million millions millón milione milyon миллион مليون",
    12: "dozen dozens douzaine dutzend docena dozzina düzine дюжина",
}


def _numerals() -> dict[str, int]:
    """Every word with its number; a word that means two numbers in two languages keeps the smaller."""
    found: dict[str, int] = {}
    pairs = [(word, at) for line in _WORDS.values() for at, word in enumerate(line.split(), 1)]
    pairs += [(word, at * 10) for line in _TENS.values() for at, word in enumerate(line.split(), 2)]
    pairs += [(word, number) for number, line in _LARGE.items() for word in line.split()]
    for word, number in pairs:
        found[word.casefold()] = min(number, found.get(word.casefold(), number))
    return found


NUMERALS: Final = _numerals()
"""Word, case folded -> its number."""
