"""Answers onto a client's connection: status line, framing, the headers that every answer of the listener has."""

from http import HTTPStatus

from services.chassis.wire.port import Headers
from services.chassis.wire.transport import Transport
from services.gateway.proxy.headers import (
    CACHE_CONTROL,
    CONTENT_LENGTH,
    CSP,
    DEFAULT_CSP,
    DEFAULTED,
    NO_STORE,
    SECURITY,
)

SWITCHING = 101
_BODILESS = frozenset({204, 304})
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def _status_line(status: int) -> bytes:
    known = {entry.value: entry.phrase for entry in HTTPStatus}
    return f"HTTP/1.1 {status} {known.get(status, 'Status')}\r\n".encode()


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}
_NO_STORE_LINE = b"%b: %b\r\n" % NO_STORE
_DEFAULT_CSP_LINE = b"%b: %b\r\n" % DEFAULT_CSP


class Common:
    """The lines that are the same on all answers of a moment; `date` changes every second."""

    def __init__(self) -> None:
        self._security = b"".join(b"%b: %b\r\n" % field for field in SECURITY)
        self.lines = self._security

    def set_date(self, date: str) -> None:
        """The value of Date from now on."""
        self.lines = b"%bdate: %b\r\n" % (self._security, date.encode())


class Writer:
    """One connection's answers, one after the other."""

    __slots__ = ("_bodiless", "_chunked", "_common", "_head_only", "_http_1_0", "_out", "_transport")

    def __init__(self, transport: Transport, common: Common) -> None:
        self._transport = transport
        self._common = common
        self._out: list[bytes] = []
        self._head_only = self._http_1_0 = self._chunked = self._bodiless = False

    def expect(self, *, head_only: bool, http_1_0: bool) -> None:
        """How the next answer is to be framed."""
        self._head_only = head_only
        self._http_1_0 = http_1_0

    def proceed(self) -> None:
        """Let the client send its body."""
        self._transport.write(_CONTINUE)

    def switch(self, headers: Headers) -> None:
        """Tell the client that HTTP ends here."""
        out = [_STATUS_LINES[SWITCHING], b"connection: Upgrade\r\nupgrade: websocket\r\n"]
        for name, value in headers:
            out += (name, b": ", value, b"\r\n")
        out.append(b"\r\n")
        self._transport.write(b"".join(out))

    def head(self, status: int, headers: Headers, *, close: bool) -> bool:
        """Whether the connection must be closed after this answer, as `close` asks or its framing needs."""
        out = self._out
        out.append(_STATUS_LINES[status])
        there = set()
        for name, value in headers:
            if name in DEFAULTED:
                there.add(name)
            out += (name, b": ", value, b"\r\n")
        sized = CONTENT_LENGTH in there
        self._bodiless = self._head_only or status in _BODILESS
        self._chunked = not sized and not self._bodiless and not self._http_1_0
        close = close or not (sized or self._bodiless or self._chunked)
        if self._chunked:
            out.append(b"transfer-encoding: chunked\r\n")
        if CSP not in there:
            out.append(_DEFAULT_CSP_LINE)
        if CACHE_CONTROL not in there:
            out.append(_NO_STORE_LINE)
        if close:
            out.append(b"connection: close\r\n")
        out += (self._common.lines, b"\r\n")
        return close

    def piece(self, body: bytes) -> None:
        """The next bytes of the body."""
        if self._bodiless or not body:
            return
        if self._chunked:
            self._out += (b"%x\r\n" % len(body), body, b"\r\n")
        else:
            self._out.append(body)

    def flush(self) -> None:
        """Send what has gathered."""
        if self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    def end(self) -> None:
        """Send the rest of the answer."""
        if self._chunked:
            self._out.append(b"0\r\n\r\n")
            self._chunked = False
        self._transport.write(b"".join(self._out))
        self._out.clear()
