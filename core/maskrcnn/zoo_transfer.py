"""A file from a server, read in a thread: who waits for it can stop waiting at any moment."""

import contextlib
import http.client
import queue
import re
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Protocol

_CHUNK_BYTES = 1 << 18
_MOST_CHUNKS_AHEAD = 16
_SECONDS_BETWEEN_LOOKS = 0.1


class _Response(Protocol):
    status: int
    headers: http.client.HTTPMessage

    def read1(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sends."""

    begins_at: int
    """Byte of the file."""
    total: int
    """Bytes of the whole file; 0 where it does not say."""


class Transfer:
    """Asks for a file from a byte on, from the moment that it is made."""

    END = b"\0end"
    """The one value, by identity, that says that all has come."""

    def __init__(self, address: str, have: int, *, timeout_s: float) -> None:
        """Begins.

        Args:
            address: of the file.
            have: bytes of it that are here.
            timeout_s: how long the server may say nothing.
        """
        self._address, self._have, self._timeout_s = address, have, timeout_s
        self._arrived: queue.Queue[Answer | bytes | Exception] = queue.Queue(_MOST_CHUNKS_AHEAD)
        self._is_over = threading.Event()
        threading.Thread(target=self._work, name="zoo transfer", daemon=True).start()

    def close(self) -> None:
        """Wants no more. A thread that waits for the server ends when that times out."""
        self._is_over.set()

    def answer(self, timeout_s: float) -> Answer | None:
        """What the server begins with, to be asked for first; None where it has not yet.

        Raises:
            Exception: what went wrong on the way, as urllib raises it.
        """
        arrived = self._next(timeout_s)
        return arrived if isinstance(arrived, Answer) else None

    def chunk(self, timeout_s: float) -> bytes:
        """The next bytes, none where they have not come yet; END after the last.

        Raises:
            Exception: what went wrong on the way, as urllib raises it.
        """
        arrived = self._next(timeout_s)
        return arrived if isinstance(arrived, bytes) else b""

    def _next(self, timeout_s: float) -> Answer | bytes | None:
        try:
            arrived = self._arrived.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(arrived, Exception):
            raise arrived
        return arrived

    def _work(self) -> None:
        try:
            response, begins_at = self._opened()
            with contextlib.closing(response):
                length = response.headers.get("Content-Length")
                rest = int(length) if length and length.isdigit() else 0
                self._put(Answer(begins_at, begins_at + rest if rest else 0))
                while not self._is_over.is_set() and (chunk := response.read1(_CHUNK_BYTES)):
                    self._put(chunk)
            self._put(self.END)
        except Exception as error:  # noqa: BLE001 (carried to the thread that knows what to say)
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it is the answer, too, and holds the connection
            self._put(error)

    def _put(self, what: Answer | bytes | Exception) -> None:
        while not self._is_over.is_set():
            try:
                self._arrived.put(what, timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Full:
                continue
            return

    def _opened(self) -> tuple[_Response, int]:
        """The server's answer, and the byte of the file that it begins at."""
        if not self._have:
            return self._asked({}), 0
        try:
            response = self._asked({"Range": f"bytes={self._have}-"})
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            error.close()
            # The part holds all that there is, or more: whichever it is, the whole file is right.
            return self._asked({}), 0
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            return response, 0  # it starts anew whatever was asked
        said = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        if said is None or int(said[1]) == self._have:
            return response, self._have
        response.close()
        return self._asked({}), 0

    def _asked(self, more_headers: dict[str, str]) -> _Response:
        headers = {"User-Agent": "maskloop", **more_headers}
        request = urllib.request.Request(self._address, headers=headers)
        response: _Response = urllib.request.urlopen(request, timeout=self._timeout_s)
        return response
