"""URLs as keys: one spelling for one page. Pure.

A URL is *requested* as it was given; only its key is normalised. Percent-encoding, dot segments, host case,
internationalised names and the order of the query are w3lib's work; default ports, user information, a dot
after the host and tracking parameters are left to us (measured in `../shared/facts/ecosystem.md`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from publicsuffixlist import PublicSuffixList
from w3lib.url import canonicalize_url

from scraper.errors import BadUrl

NORMALISER = "url-1"
"""Version of the key. Keys of different versions must not be compared."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKING_NAMES = frozenset(
    """
    __twitter_impression _bhlid _branch_match_id _ga _gac _gl _hsenc _hsmi cmpid cxrecs_s dclid
    dicbo ef_id epik fb_action_ids fb_action_types fb_ref fb_source fbclid gad_source gbraid gclid
    gclsrc gs_l guccounter guce_referrer guce_referrer_sig hsa_acc hsa_cam hsctatracking icid igsh
    igshid li_fat_id mbid mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash msclkid ncid
    ns_campaign ns_fee ns_linkname ns_mchannel ns_source oly_anon_id oly_enc_id pk_campaign pk_kwd
    pk_keyword rb_clickid ref_src s_cid s_kwcid sc_campaign sc_channel sc_content sc_country sc_geo
    sc_medium sc_outcome share_id smid smtyp spm sr_share srsltid taid trk trkcampaign ttclid twclid
    vero_conv vero_id wbraid wickedid wt.mc_id wt_mc wt_mc_id wt_zmc xtor yclid ysclid
    """.split()  # noqa: SIM905  -- a list this long reads better as words
)
_TRACKING_PREFIXES = (
    "utm_",
    "at_campaign",
    "at_medium",
    "at_custom",
    "at_link",
    "at_format",
    "mtm_",
    "piwik_",
)
"""Parameters that name where a reader came from and never select what is shown.

The names are the ones that analytics, mail and advertising vendors document for their links. `ref`, `source`
and `id` are left alone: on some sites they select.
"""

_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


def _split(url: str) -> SplitResult:
    cleaned = url.strip()
    if not cleaned:
        raise BadUrl(url, "an empty line is not a URL")
    try:
        parts = urlsplit(cleaned)
        port = parts.port
    except ValueError as error:
        raise BadUrl(url, f"not a URL: {error}") from error
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        named = (
            f"{parts.scheme}: is not http or https"
            if parts.scheme
            else "it does not begin with http:// or https://"
        )
        raise BadUrl(url, f"not a web address: {named}")
    if not parts.hostname or parts.hostname.strip(".") == "":
        raise BadUrl(url, "not a web address: it names no host")
    if port == 0:
        raise BadUrl(url, "not a web address: port 0")
    return parts


def with_scheme(url: str) -> str:
    """What a reader typed, as a URL: `example.org/a` becomes `https://example.org/a`.

    Only where the text has no scheme and its first part looks like a host name; else it is returned as it is.
    """
    typed = url.strip()
    host = typed.split("/", 1)[0]
    name, _, port = host.partition(":")
    looks_like_host = "." in name.strip(".") and not _CONTROL.search(host) and (not port or port.isdigit())
    if "://" in typed.split("?", 1)[0] or not looks_like_host or "@" in host:
        return typed
    return "https://" + typed


def is_tracking(name: str) -> bool:
    """Whether a query parameter of this name only says where the reader came from."""
    folded = unquote(name).lower()
    return folded in _TRACKING_NAMES or folded.startswith(_TRACKING_PREFIXES)


def normalise(url: str) -> str:
    """The key of a URL: the same for every spelling that asks for the same page.

    Scheme and host in lower case, the host in its ASCII form (IDNA), default port, user information and
    fragment dropped, dot segments resolved, percent-encoding in one form, the query sorted and without
    tracking parameters. The scheme and `www.` stay: they can lead to different pages.

    Raises: BadUrl, when it is no http or https URL.
    Source: RFC 3986, section 6.2; the law is `normalise(normalise(u)) == normalise(u)`.
    """
    parts = _split(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host.encode("ascii").decode("ascii") if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadUrl(url, f"not a host name: {host!r}") from error
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    if port is not None and port != _DEFAULT_PORTS[parts.scheme.lower()]:
        host = f"{host}:{port}"
    query = "&".join(
        pair for pair in parts.query.split("&") if pair and not is_tracking(pair.partition("=")[0])
    )
    bare = urlunsplit((parts.scheme.lower(), host.lower(), parts.path or "/", query, ""))
    try:
        return str(canonicalize_url(bare))
    except ValueError as error:
        raise BadUrl(url, f"not a URL: {error}") from error


def target_uri(url: str) -> str:
    """A URL as it may stand in a record or a database: without fragment and without user information."""
    parts = _split(url)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def host_of(url: str) -> str:
    """The host of a URL, lower case, without port. Raises: BadUrl."""
    return (_split(url).hostname or "").rstrip(".").lower()


def registrable_domain(host: str) -> str:
    """The part of a host name that somebody registered, `bbc.co.uk` of `news.bbc.co.uk`: who runs it, in short.

    By the Public Suffix List, the one that was installed (nothing is fetched), its private part included, so that two
    blogs of one hoster are two. A host that has no such part, or is an address, is its own.
    """
    name = host.strip("[]").rstrip(".").lower()
    if ":" in name or name.replace(".", "").isdigit():
        return name
    return _suffixes().privatesuffix(name) or name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list, read from its file (30 ms) when the first name is asked about."""
    return PublicSuffixList(accept_unknown=True)


def site_of(url: str) -> str:
    """The site that a URL belongs to: its host in ASCII form, without `www.`. Raises: BadUrl."""
    host = urlsplit(normalise(url)).hostname or ""
    return host.removeprefix("www.") if host.count(".") > 1 else host
