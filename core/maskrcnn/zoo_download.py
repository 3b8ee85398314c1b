"""Fetching published weights.

MODEL_ZOO.md says that each file name ends in a prefix of the file's MD5. That prefix is the one sum
that is known, so it is the one that is checked; it finds broken files, it is no defence against an
enemy, and needs not be: reading weights executes nothing.
"""

import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from core.errors import AppError
from core.events import Progress
from core.maskrcnn.zoo import BASE_ADDRESS, LICENCE_IN_SHORT, ZOO, zoo_path

_CHUNK_BYTES = 1 << 18
_SECONDS_BETWEEN_REPORTS = 0.2
_NETWORK_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
    ssl.SSLError,
)


def download(
    name: str,
    *,
    base: str = BASE_ADDRESS,
    folder: Path | None = None,
    timeout_s: float = 30.0,
) -> Generator[Progress, None, None]:
    """Fetches the weights of this name to zoo_path, with the bytes done; nothing if they are there.

    Closing the generator cancels: what has arrived stays in a file beside it, and the next download
    goes on from there. The file gets its name only when it is whole and its sum is right.

    Raises:
        AppError: it cannot be fetched or stored, or what came is another file.
    """
    entry, target = ZOO[name], zoo_path(name, folder=folder)
    if target.is_file():
        return
    part = target.with_name(target.name + ".part")
    address = base + entry.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        what = f"Downloading {name}, licence {LICENCE_IN_SHORT}"
        yield from _fetch(address, part, what=what, timeout_s=timeout_s)
    except _NETWORK_ERRORS as e:
        raise AppError(
            f"{name} could not be downloaded ({_reason(e)}). Try again when there is a network,"
            f" or get {address} elsewhere and put the file at {target}."
        ) from e
    except OSError as error:
        raise AppError(
            f"{name} could not be stored in {target.parent} ({error.strerror or error})."
            " Make room there, then download it again."
        ) from error
    _check_sum(part, entry.md5_prefix, address=address, target=target)
    os.replace(part, target)


class _Response(Protocol):
    status: int
    headers: http.client.HTTPMessage

    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


def _fetch(
    address: str, part: Path, *, what: str, timeout_s: float
) -> Generator[Progress, None, None]:
    """Completes the part file; the bytes done, the total and the seconds left."""
    have = part.stat().st_size if part.exists() else 0
    with closing(_open(address, have, timeout_s=timeout_s)) as response:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # the server starts anew whatever was asked
        length = response.headers.get("Content-Length")
        total = have + int(length) if length and length.isdigit() else 0
        began, begun_at, reported = time.monotonic(), have, -1.0
        with part.open("ab" if have else "wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                seconds = time.monotonic() - began
                if seconds - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = seconds
                    rate = (have - begun_at) / max(seconds, 1e-6)
                    eta_s = (total - have) / rate if total else None
                    yield Progress(have, total, what, eta_s, "bytes")
            file.flush()
            os.fsync(file.fileno())
    if have < total:
        raise http.client.IncompleteRead(b"", total - have)
    yield Progress(have, have, what, 0.0, "bytes")


def _open(address: str, have: int, *, timeout_s: float) -> _Response:
    headers = {"User-Agent": "maskloop"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(address, headers=headers)
    try:
        response: _Response = urllib.request.urlopen(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise
        # The part holds all that there is, or more: whichever it is, the whole file is right.
        return _open(address, 0, timeout_s=timeout_s)
    return response


def _check_sum(part: Path, md5_prefix: str, *, address: str, target: Path) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found.startswith(md5_prefix):
        return
    part.unlink()
    raise AppError(
        f"What was downloaded from {address} is not the published file: its MD5 begins with"
        f" {found[:6]}, not {md5_prefix}. It was deleted. Download it again; if that does not"
        f" help, something on the way changes it: get the file elsewhere and put it at {target}."
    )


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, urllib.error.URLError):
        return f"no connection: {cause}"
    return f"the connection broke off: {error}"
