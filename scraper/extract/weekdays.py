"""Names of the days of the week, which stand beside dates and between a date and its time of day.

Data, not code: the whole names of the Unicode CLDR, for the languages whose months are known.
"""

from __future__ import annotations

import re
from typing import Final

from scraper.extract.text import fold

SHORT: Final = (
    "mon|tues?|wed|thu|thurs?|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mi[eé]|jue|vie|s[aá]b|dom|seg|"
    "ter|qua|qui|sex|gio|ma|wo|vr|za|zo|ti|on|to|lø|lö|sø|sö|пн|вт|ср|чт|пт|сб|вс|pzt|sal|çar|per|cum|cmt|paz"
)
"""Short forms, by which a family name of two or three letters (Kim, Lee) is told from a day."""

_NAMES: Final = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonnabend Sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta
lunedì martedì mercoledì giovedì venerdì sabato domenica
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina
poniedziałek wtorek środa czwartek piątek sobota niedziela
pondělí úterý středa čtvrtek pátek neděle
pondelok utorok streda štvrtok piatok nedeľa
hétfő kedd szerda csütörtök péntek szombat vasárnap
luni marți miercuri joi vineri sâmbătă duminică
ponedjeljak utorak srijeda četvrtak petak subota nedjelja
понедељак уторак среда четвртак петак субота недеља
ponedeljek torek sreda četrtek petek nedelja
понеделник вторник сряда четвъртък петък събота неделя
понедельник среда четверг пятница суббота воскресенье
понеділок вівторок середа четвер пʼятниця п'ятниця субота неділя
Δευτέρα Τρίτη Τετάρτη Πέμπτη Παρασκευή Σάββατο Κυριακή
Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar
çərşənbə cümə şənbə bazar
duşem sêşem çarşem pêncşem înî şemî yekşem
الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه
پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار
Senin Selasa Rabu Kamis Jumat Sabtu Minggu
सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
երկուշաբթի երեքշաբթի չորեքշաբթի հինգշաբթի ուրբաթ շաբաթ կիրակի
pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis
pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena svētdiena
esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev
dilluns dimarts dimecres dijous divendres dissabte diumenge
星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 周一 周二 周三 周四 周五 周六 周日
月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月 火 水 木 金 土 日
월요일 화요일 수요일 목요일 금요일 토요일 일요일 월 화 수 목 금 토 일
"""
_DAYS: Final = frozenset(fold(name) for name in _NAMES.split())
_WORD = re.compile(r"[\s,،.(（–—-]{0,3}(?P<day>[^\W\d_][^\s\d,،.()（）|/]{0,13})\.?[)）]?,?")
_SHORT = re.compile(SHORT, re.I)


def end_of_weekday(text: str, start: int) -> int:
    """Where the name of a day of the week that stands at `start` ends; `start` itself, where none does."""
    match = _WORD.match(text, start)
    if match is None or not (fold(match["day"]) in _DAYS or _SHORT.fullmatch(match["day"])):
        return start
    return match.end()
