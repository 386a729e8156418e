"""Fetching a picture over http(s), within limits and never from inside the network.

A body may name any URL, so one that leads to this machine or its neighbours is refused: each address a name
resolves to is checked, and the connection goes to the checked address, whatever the name says a moment later.
"""

import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit

from layoutkit.errors import SourceError
from layoutkit.raster.assets import short_url

MAX_BYTES = 5 * 1024 * 1024
"""The service takes pictures up to 5 MB (McuWaterMarkImage.WaterMarkUrl)."""

LIMIT_S = 10.0
"""Seconds for everything: names, redirects, tries and the transfer."""

MAX_TRIES = 3
MAX_REDIRECTS = 5
_CHUNK = 65_536

Resolve = Callable[[str, int], list[str]]
IsAllowed = Callable[[str], bool]


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet, in whatever form it is wrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(url: str, *, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public) -> bytes:
    """What is behind an http(s) URL.

    Args:
        url: where to look.
        resolve: gives a host's addresses.
        is_allowed: whether an address may be connected to.

    Raises:
        SourceError: another scheme, an address that is not allowed, a certificate that does not hold for the
            host's name, over 5 MB, over 10 seconds, or no answer in three tries.
    """
    deadline, name = time.monotonic() + LIMIT_S, short_url(url)
    for attempt in range(1, MAX_TRIES + 1):
        try:
            return _follow(name, url, deadline, resolve, is_allowed)
        except ssl.SSLCertVerificationError as error:
            raise SourceError(f"{name}: the server is not who it says: {error.verify_message}") from error
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= deadline:
                raise SourceError(f"{name}: no answer within {LIMIT_S:g} s") from error
            if attempt == MAX_TRIES:
                raise SourceError(f"{name}: no answer in {MAX_TRIES} tries: {error}") from error
    raise AssertionError("the last try returns or raises")


def _follow(name: str, url: str, deadline: float, resolve: Resolve, is_allowed: IsAllowed) -> bytes:
    place = url
    for _ in range(MAX_REDIRECTS + 1):
        body, place = _get(name, place, deadline, resolve, is_allowed)
        if body is not None:
            return body
    raise SourceError(f"{name}: more than {MAX_REDIRECTS} redirects")


def _get(
    name: str, place: str, deadline: float, resolve: Resolve, is_allowed: IsAllowed
) -> tuple[bytes | None, str]:
    """The body, or None and where to look instead."""
    parts = _split(name, place)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = _in_time(lambda: resolve(host, port), deadline)
    except UnicodeError:
        raise SourceError(f"{name}: {host[:80]!r} is no host name") from None
    for address in addresses:
        if not is_allowed(address):
            raise SourceError(f"{name}: {host} is at {address}, which is not a public address; refused")
    if not addresses:
        raise SourceError(f"{name}: {host} has no address")
    with _connected(addresses, port, deadline) as plain:
        plain.settimeout(_left(deadline))
        with _secured(plain, host) if parts.scheme == "https" else plain as line:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = _Timed(line, deadline)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            named = parts.netloc.rpartition("@")[2]
            headers = {"Host": named, "Accept": "image/*", "User-Agent": "layoutkit", "Connection": "close"}
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            if answer.status in {301, 302, 303, 307, 308} and (location := answer.getheader("Location")):
                return None, urljoin(place, location)
            if answer.status >= 500:
                raise http.client.HTTPException(f"the server says {answer.status} {answer.reason}")
            if answer.status != 200:
                raise SourceError(f"{name}: the server says {answer.status} {answer.reason}")
            return _body(name, answer), place


def _split(name: str, place: str) -> SplitResult:
    try:
        parts = urlsplit(place)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
    if not has_port or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceError(f"{name}: only http and https URLs are fetched, not {place[:80]!r}")
    if not place.isascii() or any(character <= " " for character in place):
        raise SourceError(f"{name}: a URL has no spaces and no characters beyond ASCII; percent-encode them")
    return parts


def _body(name: str, answer: http.client.HTTPResponse) -> bytes:
    if answer.length is not None and answer.length > MAX_BYTES:
        raise SourceError(f"{name}: {answer.length} bytes; the limit is {MAX_BYTES}")
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise SourceError(f"{name}: over {MAX_BYTES} bytes")
    if answer.length:
        raise http.client.HTTPException(f"the answer breaks off {answer.length} bytes before its end")
    return b"".join(parts)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_time(ask: Callable[[], list[str]], deadline: float) -> list[str]:
    """What `ask` answers; name resolution knows no limit of its own, and is left behind when time is up."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put(ask())
        except Exception as error:
            answers.put(error)

    threading.Thread(target=answer, daemon=True).start()
    try:
        given = answers.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(given, Exception):
        raise given
    return given


def _connected(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first address that takes one; each has its share of the time that is left."""
    for number, address in enumerate(addresses):
        share = _left(deadline) / (len(addresses) - number)
        try:
            return socket.create_connection((address, port), share)
        except OSError:
            if number + 1 == len(addresses):
                raise
    raise AssertionError("there is an address")


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS over a connection: the certificate is asked for the host's own name, whatever address it is at."""
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


class _Timed:
    """What http.client asks of a socket, with all reads and writes together ending at the deadline.

    A socket's own limit is for one read: a server that drips a byte a second never reaches it.
    """

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line = line
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(_left(self._deadline))
        self._line.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._line, self._deadline))

    def close(self) -> None:
        """Nothing: who opened the line closes it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line = line
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview | bytearray") -> int:  # type: ignore[override]
        self._line.settimeout(_left(self._deadline))
        return self._line.recv_into(into)
