"""What is known of files from the last time, so that 50,000 of them need not be read again."""

import contextlib
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from core.types import Json

FileVersion: TypeAlias = tuple[int, int, int]
"""Time of the last change in ns, size in bytes, number of the file on its disk."""

_SCHEMA = 3


def version_of(path: Path | str) -> FileVersion | None:
    """Changes whenever the file does; None where there is no file.

    Raises:
        OSError: the system does not say.
    """
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Index:
    """Remembered JSON values of files, each as long as its file does not change.

    It lies in the user's cache and can be deleted at any time. One that is broken or cannot be
    written is forgotten: nothing here is worth a failure.
    """

    def __init__(self, cache_folder: Path, labels_folder: Path) -> None:
        name = hashlib.sha256(str(labels_folder).encode(errors="surrogateescape")).hexdigest()[:24]
        self.path = cache_folder / "index" / f"{name}.sqlite"
        self._lock = Lock()
        self._is_closed = False
        self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                return _connected(str(self.path))
            except sqlite3.OperationalError:  # locked or not writable, but maybe not broken
                break
            except sqlite3.DatabaseError:
                with contextlib.suppress(OSError):
                    self.path.unlink()
            except OSError:
                break
        return _connected(":memory:")

    def get(self, what: str, name: str, version: FileVersion) -> Json:
        """What was remembered of this version of a file, or None."""
        query = "SELECT value FROM known WHERE what = ? AND name = ? AND version = ?"
        with self._lock:
            try:
                row = self._connection.execute(query, (what, name, str(version))).fetchone()
            except sqlite3.DatabaseError:
                self._begin_anew()
                return None
        try:
            return json.loads(row[0]) if row else None
        except ValueError:
            return None

    def put(self, what: str, name: str, version: FileVersion, *, value: Json) -> None:
        """Remembers a value for this version of a file; an older version is forgotten."""
        row = (what, name, str(version), json.dumps(value))
        with self._lock:
            try:
                self._connection.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?)", row)
            except sqlite3.OperationalError:  # another process is writing, or the disk is full
                return
            except sqlite3.DatabaseError:
                self._begin_anew()

    def close(self) -> None:
        """Closes the file; from now on nothing is known and nothing remembered."""
        with self._lock:
            self._is_closed = True
            self._connection.close()

    def _begin_anew(self) -> None:
        if self._is_closed:
            return
        self._connection.close()
        with contextlib.suppress(OSError):
            self.path.unlink()
        self._connection = self._opened()


def _connected(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=2, isolation_level=None, check_same_thread=False)
    try:
        # Losing the index to a power cut costs a second reading, waiting for the disk costs more.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY").fetchall()
        if connection.execute("PRAGMA user_version").fetchone()[0] != _SCHEMA:
            connection.execute("DROP TABLE IF EXISTS known")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS known (what TEXT, name TEXT, version TEXT, value TEXT,"
                " PRIMARY KEY (what, name)) WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA user_version = {_SCHEMA}")
        connection.execute("SELECT 1 FROM known LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
