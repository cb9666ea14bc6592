from __future__ import annotations
from urllib.parse import urljoin
from lxml import etree, html
from scraper.discover.model import Announced, Found, Refused
import re
def read_source(payload: bytes, url: str, *, content_type: str | None = None, kind: str = "auto", limits: object = None) -> Found:
    head = payload[:500].lower()
    if kind != "page" and (b"<rss" in head or b"<feed" in head or b"<urlset" in head or b"<sitemapindex" in head):
        try:
            root = etree.fromstring(payload, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as e:
            return Found("feed", fault=f"{url}: {e}")
        name = etree.QName(root).localname
        t = lambda e, n: next((c.text or c.get("href") for c in e if etree.QName(c).localname == n), None)
        if name == "sitemapindex":
            return Found("sitemap", more=tuple(urljoin(url, t(e, "loc")) for e in root))
        tag = {"rss": "item", "feed": "entry", "urlset": "url"}[name]
        items = tuple(Announced(urljoin(url, t(e, "loc" if tag == "url" else "link")), t(e, "title"), t(e, "updated"), t(e, "description"), url) for e in root.iter() if isinstance(e.tag, str) and etree.QName(e).localname == tag)
        return Found("sitemap" if tag == "url" else "feed", items)
    if kind in ("feed", "sitemap", "news-sitemap"):
        return Found(kind, fault=f"{url}: not a {kind}")
    tree = html.fromstring(payload or b"<p>")
    items, more, refused = [], [], []
    for a in tree.iter("a"):
        href = urljoin(url, a.get("href") or "")
        if a.get("rel") == "next": more.append(href)
        elif re.search(r"\d", href.rsplit("/",1)[-1]): items.append(Announced(href, a.text_content().strip() or None, source=url))
        else: refused.append(Refused(href, "navigation"))
    return Found("page", tuple(items), tuple(more), tuple(refused))
def sources_of_site(page: bytes, url: str, robots_txt: str | None) -> tuple[str, ...]:
    tree = html.fromstring(page or b"<p>")
    out = [urljoin(url, l.get("href")) for l in tree.iter("link") if l.get("rel") == "alternate"]
    out += re.findall(r"(?im)^sitemap:\s*(\S+)", robots_txt or "")
    return tuple(dict.fromkeys(out))
