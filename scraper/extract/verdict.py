"""What a page is, from evidence that can be named: an article, or why it is none.

Conservative on purpose. A page that is wrongly called an article can be removed by its reader; an article that is
wrongly called a cookie wall is lost in silence. So every verdict but `article` needs its own words on the page and
the absence of a story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extract.blocks import Blocks
from scraper.extract.declared import Declared, strings, types
from scraper.extract.text import count_words, fold
from scraper.model import Verdict


class Judgement(NamedTuple):
    """A verdict, and the one line of evidence it rests on; `None` for an article."""

    verdict: Verdict
    reason: str | None


_HTML_TYPES: Final = frozenset(["text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""])
_MAGIC: Final = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x7fELF", "a program"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_FEED = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?P<root>rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)\b", re.I | re.S)
_JSON = re.compile(rb"^\s*(?:\{\s*\"|\[\s*[\[{\"\d]|\{\s*\})")
_TAG = re.compile(rb"<(?:!doctype|html|head|body|p|div|article|section|table|h1|h2|title|meta|span|br|a|script|main|ul)\b", re.I)
_SNIFFED: Final = 4096


def not_html(payload: bytes, content_type: str | None) -> Judgement | None:
    """The verdict `not-html` for bytes that are no page; `None` where they may be one."""
    mime = (content_type or "").split(";", 1)[0].strip().lower()
    head = payload[:_SNIFFED]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return Judgement("not-html", f"the bytes are those of {name}")
    feed = _FEED.match(head)
    if feed:
        return Judgement("not-html", f"the root element is <{feed['root'].decode('ascii', 'replace')}>")
    looks_like_html = _TAG.search(head) is not None
    if _JSON.match(head) and not looks_like_html:
        return Judgement("not-html", "the bytes are JSON")
    if mime not in _HTML_TYPES and not looks_like_html:
        return Judgement("not-html", f"Content-Type is {mime[:60]}, and nothing in it looks like HTML")
    if head.count(b"\x00") > len(head) / 10 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Judgement("not-html", "the bytes are binary: one in ten is NUL")
    return None


_BOT_WALL: Final = (
    "just a moment", "checking your browser", "checking if the site connection is secure", "attention required cloudflare", "verify you are human",
    "verify that you are human", "please verify you are a human", "are you a robot", "are you human", "access denied", "access to this page has been denied",
    "pardon our interruption", "enable javascript and cookies to continue", "please enable cookies", "ddos protection by",
    "unusual traffic from your computer network", "request unsuccessful incapsula", "bot verification", "human verification", "security check",
    "performing security verification", "performance security by", "you have been blocked", "press hold to confirm you are", "vercel security checkpoint",
    "robot or human", "one more step", "this request was blocked",
)  # fmt: skip
_SOFT_404: Final = (
    "404", "page not found", "not found", "404 not found", "404 error", "error 404", "page cannot be found", "page can t be found", "page doesn t exist",
    "page does not exist", "page you requested could not be found", "page you were looking for", "sorry we couldn t find", "seite nicht gefunden",
    "seite wurde nicht gefunden", "diese seite existiert nicht", "page introuvable", "page non trouvee", "pagina no encontrada", "pagina nao encontrada",
    "pagina non trovata", "pagina niet gevonden", "sidan kunde inte hittas", "siden blev ikke fundet", "siden ble ikke funnet", "sivua ei loytynyt",
    "strona nie zostala znaleziona", "nie znaleziono strony", "stranka nenalezena", "sayfa bulunamad\u0131", "\u0441\u0442\u0440\u0430\u043d\u0438\u0446\u0430 \u043d\u0435 \u043d\u0430\u0438\u0434\u0435\u043d\u0430",
    "\u0627\u0644\u0635\u0641\u062d\u0629 \u063a\u064a\u0631 \u0645\u0648\u062c\u0648\u062f\u0629", "\u9875\u9762\u4e0d\u5b58\u5728", "\u30da\u30fc\u30b8\u304c\u898b\u3064\u304b\u308a\u307e\u305b\u3093",
)  # fmt: skip
_CONSENT: Final = (
    "we value your privacy", "before you continue", "we and our partners", "this site uses cookies", "accept all cookies", "manage your privacy",
    "cookie consent", "your privacy choices", "datenschutzeinstellungen", "cookies akzeptieren", "mit werbung lesen", "mit werbung weiterlesen",
    "nous respectons votre vie privee", "accepter et continuer", "valoramos tu privacidad", "aceptar y continuar", "privacy instellingen",
    "wir benotigen ihre zustimmung", "zustimmung erforderlich",
)  # fmt: skip
_PAYWALL: Final = (
    "subscribe to continue reading", "subscribe to read", "to continue reading", "to read the full article", "already a subscriber", "already a member log in",
    "this article is for subscribers", "for subscribers only", "subscriber exclusive", "premium content", "log in to continue reading",
    "register to continue reading", "sign in to continue reading", "create a free account to continue", "you have reached your limit", "you ve reached your limit",
    "weiterlesen mit", "jetzt weiterlesen", "diesen artikel weiterlesen", "nur fur abonnenten", "lesen sie diesen artikel mit", "reserve aux abonnes",
    "cet article est reserve", "il vous reste", "la suite est reservee", "contenido exclusivo para suscriptores", "suscribete para seguir leyendo",
    "conteudo exclusivo para assinantes", "articolo riservato agli abbonati", "alleen voor abonnees", "for abonnenter", "endast for prenumeranter",
    "tylko dla prenumeratorow", "\u043c\u0430\u0442\u0435\u0440\u0438\u0430\u043b \u0434\u043e\u0441\u0442\u0443\u043f\u0435\u043d \u043f\u043e \u043f\u043e\u0434\u043f\u0438\u0441\u043a\u0435",
)  # fmt: skip
_STORY: Final = 120
"""Words of main content from which a page is an article whatever else stands on it."""

_FREE_PART: Final = 250
"""Words of main content up to which a page that asks for a subscription is called paywalled."""

_LEAST: Final = 5
"""Words below which there is nothing to keep."""


def judge(found: Blocks, declared: Declared, title: str | None, text: str, url_path: str) -> Judgement:
    """The verdict on a parsed page whose text was chosen."""
    count = count_words(text)
    visible = [fold(block.text) for block in found.blocks[:400] if len(block.text) <= 300]
    titles = [fold(value) for value in (title, declared.title) if value]
    if not found.blocks:
        return Judgement("empty", "the page shows no text at all")
    if count < _STORY:
        for phrase in _BOT_WALL:
            if any(_opens(value, phrase) for value in titles) or (count < 40 and len(found.blocks) < 40 and _said(phrase, visible)):
                return Judgement("bot-wall", f"the page says \u201c{phrase}\u201d and {count} words of text")
        for phrase in _SOFT_404:
            if any(_opens(value, phrase) for value in titles):
                return Judgement("soft-404", f"its title says \u201c{phrase}\u201d, and it has {count} words of text")
    if _declares_article(declared) is False and count < _STORY and _is_index(found, url_path):
        return Judgement("index", _index_reason(found))
    if count < _FREE_PART:
        walled = next((phrase for phrase in _PAYWALL if _said(phrase, visible)), None)
        if walled is not None and _free(declared) is not True:
            return Judgement("paywall", f"the page says \u201c{walled}\u201d after {count} free words")
        if _free(declared) is False and count < _STORY:
            return Judgement("paywall", f"it declares isAccessibleForFree false, and {count} words are free")
    if count < 60:
        asked = next((phrase for phrase in _CONSENT if _said(phrase, visible)), None)
        if asked is not None and _prose(found) < 3:
            return Judgement("consent", f"the page says \u201c{asked}\u201d and tells no story")
    if count < _LEAST:
        if _is_index(found, url_path):
            return Judgement("index", _index_reason(found))
        if sum(count_words(block.text) for block in found.blocks) < 10:
            return Judgement("empty", f"{count} words of main content on the whole page")
        return Judgement("non-article", f"{count} words of main content")
    if url_path in ("", "/") and _is_index(found, url_path) and _declares_article(declared) is not True:
        return Judgement("index", _index_reason(found))
    return Judgement("article", None)


def _opens(value: str, phrase: str) -> bool:
    return value == phrase or value.startswith(phrase + " ") or value.endswith(" " + phrase)


def _said(phrase: str, visible: Sequence[str]) -> bool:
    return any(phrase in value for value in visible)


def _declares_article(declared: Declared) -> bool:
    return bool(declared.articles) or (declared.first("og:type") or "").lower() in ("article", "news", "news.article")


def _free(declared: Declared) -> bool | None:
    """What the page declares of its access (schema.org `isAccessibleForFree`); `None` where it says nothing."""
    for node in [*declared.articles, *declared.pages]:
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        for said in strings(value):
            if said.lower() in ("true", "false"):
                return said.lower() == "true"
    tier = (declared.first("article:content_tier") or "").lower()
    return {"free": True, "locked": False}.get(tier)


def _prose(found: Blocks) -> int:
    """Blocks that read like paragraphs: 25 words or more, hardly a link."""
    return sum(1 for block in found.blocks if block.text.count(" ") >= 25 and block.link_density < 0.3)


def _is_index(found: Blocks, url_path: str) -> bool:
    """Whether the page is mostly headlines that lead elsewhere."""
    linked = sum(1 for block in found.blocks if block.link_density > 0.8 and block.text.count(" ") >= 3)
    front = url_path.rstrip("/") == ""
    return linked >= (12 if front else 20) and _prose(found) <= linked // (4 if front else 10)


def _index_reason(found: Blocks) -> str:
    linked = sum(1 for block in found.blocks if block.link_density > 0.8 and block.text.count(" ") >= 3)
    return f"{linked} linked headlines and {_prose(found)} paragraphs"


def is_collection(declared: Declared) -> bool:
    """Whether the page declares itself a list of other pages."""
    return any(kind in ("CollectionPage", "ItemList") for node in declared.nodes for kind in types(node))
