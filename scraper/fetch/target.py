"""What to ask for: a URL taken apart for one request, and where a redirect leads. Pure.

A request is sent as given. Only what cannot stand in a request line is percent-encoded, with the sets that
browsers use (WHATWG URL, "path percent-encode set" and "special-query percent-encode set"); the host becomes
lower-case ASCII. Nothing else is normalised: that is the business of the key (`scraper.urls`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urljoin

import idna

from scraper.errors import BadUrl

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_\-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_\-]{0,61}[a-z0-9_])?)*\.?")
_NUMBER = re.compile(r"0x[0-9a-f]{0,16}|[0-9]{1,16}")
_USER_INFORMATION = re.compile(r"//[^/?#\\]*@")
_IN_PATH = re.compile(r'[^\x21-\x7e]|["#<>`{}]')
_IN_QUERY = re.compile(r"[^\x21-\x7e]|[\"#<>']")


@dataclass(frozen=True, slots=True)
class Target:
    """One request's worth of a URL.

    scheme: `http` or `https`. host: lower-case ASCII, brackets kept around an IPv6 address.
    port: always a number. path: the request target, with the query, as sent.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port only where it is not the scheme's own."""
        shown = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{shown}"

    @property
    def uri(self) -> str:
        """The target URI as sent: no fragment, no user information."""
        return self.origin + self.path

    def sibling(self, path: str) -> Target:
        """Another path at the same origin."""
        return Target(self.scheme, self.host, self.port, path)


def parse_target(url: str, *, max_length: int = 2000) -> Target:
    """A URL as it was given, ready to be asked for.

    User information is left out, the fragment dropped, spaces around it ignored.

    max_length: characters allowed in the target URI as sent.
    Raises: BadUrl, when it is not http or https, has no usable host or port, holds control characters,
        or is too long.
    """
    given = url.strip(" \t\r\n")
    shown = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", _USER_INFORMATION.sub("//", given)[:200])
    if _FORBIDDEN.search(given):
        raise BadUrl(url, f"{shown}: a URL must not contain control characters")
    scheme_match = _SCHEME.match(given)
    scheme = scheme_match[1].lower() if scheme_match else ""
    if scheme_match is None or scheme not in _DEFAULT_PORTS:
        raise BadUrl(url, f"{shown}: only http and https URLs can be fetched")
    rest = given[scheme_match.end() :]
    if not rest.startswith("//"):
        raise BadUrl(url, f"{shown}: no host after {scheme}://")
    authority, path = _split_authority(rest[2:])
    host, port = _host_and_port(url, shown, authority.rpartition("@")[2], _DEFAULT_PORTS[scheme])
    target = Target(scheme, host, port, _encode_path(path))
    if len(target.uri) > max_length:
        raise BadUrl(url, f"{shown}…: longer than {max_length} characters (fetch.max_url_length)")
    return target


def redirect_target(base: Target, location: str, *, max_length: int = 2000) -> Target:
    """Where a Location header leads.

    location: the value decoded as ISO 8859-1, as headers are. Octets beyond ASCII are read as UTF-8 where they
        are that, as browsers do; else each is percent-encoded as it is.
    Raises: BadUrl, as `parse_target`.
    """
    octets = location.strip(" \t").encode("latin-1", "replace")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = re.sub(r"[\x80-\xff]", lambda match: f"%{ord(match[0]):02X}", location.strip(" \t"))
    if _FORBIDDEN.search(text):
        raise BadUrl(base.uri, f"{base.uri}: redirects to a URL with control characters")
    try:
        # Absolute ones go past urljoin, which takes "http://" for the page itself.
        joined = text if _SCHEME.match(text) else urljoin(base.uri, text)
    except ValueError as error:
        raise BadUrl(base.uri, f"{base.uri}: redirects to something that is not a URL") from error
    try:
        return parse_target(joined, max_length=max_length)
    except BadUrl as error:
        raise BadUrl(joined, f"{base.uri}: redirects to a URL that cannot be asked for: {error}") from error


def _split_authority(rest: str) -> tuple[str, str]:
    # A backslash ends the authority too: browsers read it as a slash, and "host\@other" must not differ for us.
    end = next((index for index, char in enumerate(rest) if char in "/?#\\"), len(rest))
    path = rest[end:].partition("#")[0]
    before_query, mark, query = path.partition("?")
    return rest[:end], before_query.replace("\\", "/") + mark + query


def _host_and_port(url: str, shown: str, authority: str, default_port: int) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", authority)
    if match is None:
        raise BadUrl(url, f"{shown}: host and port cannot be told apart")
    port = default_port
    if match[2]:
        digits = match[2].lstrip("0")
        port = int(digits) if 0 < len(digits) <= 5 else 0
        if not 0 < port < 65536:
            raise BadUrl(url, f"{shown}: {match[2][:20]} is not a port")
    return _ascii_host(url, shown, match[1]), port


def _ascii_host(url: str, shown: str, host: str) -> str:
    if not host:
        raise BadUrl(url, f"{shown}: it names no host")
    ascii_host = host.lower()
    if not ascii_host.isascii():
        try:
            ascii_host = idna.encode(host, uts46=True, transitional=False).decode("ascii")
        except idna.IDNAError as error:
            raise BadUrl(url, f"{shown}: {host[:80]} is not a host name") from error
    elif "xn--" in ascii_host:
        try:
            idna.decode(
                ascii_host
            )  # httpx reads the name back, and a label that cannot be read would stop it
        except idna.IDNAError as error:
            raise BadUrl(url, f"{shown}: {host[:80]} is not a host name") from error
    if not ascii_host.startswith("["):
        last = ascii_host.removesuffix(".").rpartition(".")[2]
        if _NUMBER.fullmatch(last):
            return _numeric_host(url, shown, ascii_host)
    usable = _is_v6(ascii_host[1:-1]) if ascii_host.startswith("[") else bool(_HOST.fullmatch(ascii_host))
    if not usable or len(ascii_host) > 254:
        raise BadUrl(url, f"{shown}: {host[:80]} is not a host name")
    return ascii_host


def _is_v6(text: str) -> bool:
    try:
        return IPv6Address(text).scope_id is None  # a zone names an interface of this machine
    except ValueError:
        return False


def _numeric_host(url: str, shown: str, host: str) -> str:
    """The dotted form of an IPv4 address in whatever spelling, as browsers and `inet_aton` read it.

    `2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1 (WHATWG URL, "IPv4 parser").
    """
    parts = host.removesuffix(".").split(".")
    try:
        numbers = [_number(part) for part in parts]
        *leading, last = numbers
        if len(parts) > 4 or any(number > 255 for number in leading) or last >= 256 ** (5 - len(parts)):
            raise ValueError(host)
    except ValueError as error:
        raise BadUrl(url, f"{shown}: {host[:80]} is not an IP address") from error
    value = last + sum(number << (8 * (3 - index)) for index, number in enumerate(leading))
    return str(IPv4Address(value))


def _number(part: str) -> int:
    if not _NUMBER.fullmatch(part):
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") and len(part) > 1 else 10)


def _encode_path(path: str) -> str:
    before_query, mark, query = path.partition("?")
    if not before_query.startswith("/"):
        before_query = "/" + before_query
    return _IN_PATH.sub(_percent, before_query) + mark + _IN_QUERY.sub(_percent, query)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8"))
