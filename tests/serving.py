"""Servers on this machine that stand in for those that weights are downloaded from."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Quiet(BaseHTTPRequestHandler):
    """A handler that says nothing on stderr."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Files(Quiet, SimpleHTTPRequestHandler):
    """Sends what lies in a folder."""


@contextlib.contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serves as long as the context lasts; gives the address, which ends in a slash."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]  # any callable
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def serving_files(folder: Path) -> contextlib.AbstractContextManager[str]:
    """Serves the files of a folder, as `serving` does."""
    return serving(partial(_Files, directory=str(folder)))
