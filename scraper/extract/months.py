"""Month names as people write them on pages, in the languages whose news this was tested on and their neighbours.

Data, not code: a name, folded, leads to its month. Names of the Hijri months and of the Iranian solar calendar are
left out on purpose, so that a date in those calendars is never read as a Gregorian one.
"""

from __future__ import annotations

from typing import Final

from scraper.extract.text import fold

_NAMES: Final = """
en january february march april may june july august september october november december
en jan feb mar apr may jun jul aug sep oct nov dec
en - - - - - - - - sept - - -
de januar februar märz april mai juni juli august september oktober november dezember
de jän - mrz - - - - - - okt - dez
de jänner feber maerz - - - - - - - - -
fr janvier février mars avril mai juin juillet août septembre octobre novembre décembre
fr janv févr - avr - - juil aout - - - déc
es enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
es ene - - abr - - - ago setiembre - - dic
pt janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
pt - fev - - mai - - - set out - dez
it gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
it gen - - - mag giu lug - - ott - -
nl januari februari maart april mei juni juli augustus september oktober november december
nl - - mrt - - - - - - okt - -
sv januari februari mars april maj juni juli augusti september oktober november december
da januar februar marts april maj juni juli august september oktober november december
nb januar februar mars april mai juni juli august september oktober november desember
nb - - - - - - - - - - - des
fi tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
pl stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
pl styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
pl sty lut - kwi - cze lip sie wrz paź lis gru
cs ledna února března dubna května června července srpna září října listopadu prosince
cs leden únor březen duben květen červen červenec srpen - říjen listopad prosinec
sk januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
hu január február március április május június július augusztus szeptember október november december
hu - - márc ápr máj jún júl - szept - - -
ro ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
hr siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
hr - - - - - - - - - - studenog -
sr januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra
sl januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra
bg януари февруари март април май юни юли август септември октомври ноември декември
ru января февраля марта апреля мая июня июля августа сентября октября ноября декабря
ru январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
ru янв фев мар апр - июн июл авг сен окт ноя дек
ru - - - - - - - - сент - нояб -
uk січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
sr јануара фебруара марта априла маја јуна јула августа септембра октобра новембра децембра
el ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
el ιαν φεβ μαρ απρ μαι ιουν ιουλ αυγ σεπ οκτ νοε δεκ
tr ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
tr oca şub - nis - haz tem ağu eyl eki kas ara
az yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
ku rêbendan reşemî adar avrêl gulan pûşper tîrmeh gelawêj rezber kewçêr sermawez berfanbar
ar يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ar - - - ابريل - يونيه يوليه - - - - -
ar كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول
ar جانفي فيفري - أفريل ماي جوان جويلية أوت - - - -
ar - - - - ماي - يوليوز غشت شتنبر - نونبر دجنبر
fa ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
ur جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
he בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר
he ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
id januari februari maret april mei juni juli agustus september oktober november desember
hi जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
hy հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի
lt sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
lv janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris
et jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
ca gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
"""
"""A language, then January to December; `-` where the form is that of another line, `_` inside a name of two words."""


def _build() -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    table: dict[str, int] = {}
    own: dict[tuple[str, str], int] = {}
    for row in _NAMES.strip().splitlines():
        language, *names = row.split()
        for number, name in enumerate(names, 1):
            if name == "-":
                continue
            for form in (
                (name, name + "ta") if language == "fi" else (name,)
            ):  # tammikuu, partitive tammikuuta
                key = fold(form.replace("_", " "))
                own[language, key] = number
                if table.setdefault(key, number) != number:
                    table[key] = 0
    return {key: number for key, number in table.items() if number}, own


_MONTHS, _OWN = _build()


def month(name: str, language: str | None = None) -> int | None:
    """The month (1 to 12) that a name means; `None` where it is none, or two languages disagree.

    `listopada` is November in Polish and October in Croatian: alone it says nothing, with its language it does.
    """
    key = fold(name)
    return _OWN.get((language[:2], key)) if language and (language[:2], key) in _OWN else _MONTHS.get(key)
