"""What the address of a link alone says: an article, a page of links, a day of a calendar, a file. Pure.

No site is named here. The words are those that content management systems and their themes put into paths, in the
languages whose sites do; a path is judged by them only where it has no slug of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from scraper.extract.text import word_set

FILE: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|m4[av]|ogg|og[av]|webm|avi|mov|wav|flac|pdf|docx?|xlsx?"
    r"|pptx?|odt|epub|zip|gz|rar|7z|tar|exe|apk|dmg|css|js|json|xml|rss|atom|ics|woff2?|ttf|eot)$",
    re.I,
)

_NAVIGATION: Final = word_set(
    """
    about about-us account accessibility advertise advertising agb all apps archive archives author authors
    autor autores auteur auteurs bookmarks cart cat categorie categories category checkout comments contact
    contact-us contacto contacts cookie cookie-policy cookies datenschutz developer donate editorial events faq
    favorites feed feeds forum forums help home impressum imprint index index.html index.php jobs kategorie
    kategorien keyword kontakt label legal login logout mailto masthead membership menu mentions-legales my
    newsletter newsletters notifications people people-and-authors plans policy press privacy privacy-policy
    profile programme register rss rubrique rubriques search section sections settings shop sign-in signin
    signup sitemap staff stories subscribe subscription suche support tag tagged tags team terms
    terms-of-service terms-of-use theme themen themes topic topics tos trending user users wp-admin wp-content
    wp-json wp-login.php author-archive writers
    """
)
"""Path segments behind which lists and pages about the site stand."""

_LIST_NAMES: Final = word_set(
    """
    tag tags tagged topic topics category categories cat kategorie categorie rubrique author authors autor
    auteur keyword label search user users profile people staff
    """
)
"""After one of these, whatever follows is the name of a list, however much it looks like a headline."""

_LIST_PARAMETERS: Final = word_set(
    """
    tag tags cat category author search s q query topic label keyword
    """
)
_PAGE_PARAMETERS: Final = word_set(
    """
    page paged pagenum pageno pg start offset from p_no seite pagina
    """
)
_DAY_PARAMETERS: Final = word_set(
    """
    date day month year m archive cal calendar y d week
    """
)
_NOISE_PARAMETERS: Final = word_set(
    """
    replytocom share print action login redirect redirect_to returnurl return_to sort order view lang
    """
)
_ID_PARAMETERS: Final = re.compile(
    r"(?:p|id|aid|nid|sid|item|itemid|story|storyid|article|articleid|article_id|news|newsid|news_id|post|postid|doc|docid)$",
    re.I,
)

_PAGE_PATH: Final = re.compile(r"/(?:page|p|seite|pagina|strona|sida|stranica)[/-]?\d{1,5}/?$", re.I)
_DAY_PATH: Final = re.compile(
    r"(?:/(?:19|20)\d\d)(?:[/-](?:0?[1-9]|1[0-2]))?(?:[/-](?:0?[1-9]|[12]\d|3[01]))?/?$"
)
_DAY_PREFIX: Final = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0[1-9]|1[0-2]|[1-9])(?:[/-]?(?:0[1-9]|[12]\d|3[01]|[1-9]))?/"
)
_EXTENSION: Final = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm|amp)$", re.I)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_NUMBER: Final = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says. reason: why it is none of an article; points: from 0 to 4, how much it looks like one."""

    reason: str | None = None
    points: int = 0


def judge_address(url: str) -> Address:
    """An absolute http or https address, judged by path and query."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    names = {name.lower(): value for name, value in parse_qsl(parts.query)}
    if FILE.search(path):
        return Address("a file")
    if _NOISE_PARAMETERS & names.keys():
        return Address("navigation")
    segments = [one.lower() for one in path.split("/") if one]
    if _PAGE_PATH.search(path) or any(
        name in _PAGE_PARAMETERS and value.isdigit() for name, value in names.items()
    ):
        return Address("pagination")
    if _DAY_PATH.search(path) or (_DAY_PARAMETERS & names.keys() and not _has_id(names)):
        return Address("calendar")
    if _LIST_PARAMETERS & names.keys():
        return Address("tag")
    if not segments and not names:
        return Address("front page")
    if any(one in _LIST_NAMES for one in segments[:-1]):
        return Address("tag")
    last = _EXTENSION.sub("", segments[-1]) if segments else ""
    if segments and (segments[-1] in _NAVIGATION or last in _NAVIGATION) and not _has_id(names):
        return Address("navigation")
    return Address(points=_points(path, segments, last, names))


def _points(path: str, segments: list[str], last: str, names: dict[str, str]) -> int:
    words = _LETTERS.findall(last)
    points = 0
    if len(words) >= 4 or (len(words) >= 3 and len(last) >= 20):
        points += 2  # a headline as a slug
    elif len(words) >= 2 and len(last) >= 12:
        points += 1
    if any(not one.isascii() and len(one) >= 15 for one in (last,)):
        points = max(points, 2)  # a headline in a script that has no hyphens, or was not transcribed
    if _DAY_PREFIX.search(path):
        points += 2
    if _NUMBER.search(last) or (len(segments) > 1 and _NUMBER.fullmatch(segments[-2])):
        points += 1
    if segments and _EXTENSION.search(segments[-1]):
        points += 1
    if _has_id(names):
        points += 2
    return min(points, 4)


def _has_id(names: dict[str, str]) -> bool:
    return any(_ID_PARAMETERS.match(name) and any(map(str.isdigit, value)) for name, value in names.items())
