"""Light work in threads of the window."""

import contextlib
import itertools
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from core.errors import AppError
from core.events import Failed, Finished
from gui.texts import tr


class _Mouth(QObject):
    """What a thread speaks through. It lives as long as the thread does: the run itself can go with
    its window in the middle of a word."""

    arrived = Signal(int, object)
    left = Signal(int, object)


class ThreadRun(QObject):
    """Light work in a thread of the window, started as often as wanted.

    `job` returns a value, or an iterator of values. Where only the latest counts, what earlier
    starts still say is dropped and their iterators are closed.
    """

    reported = Signal(object)
    ended = Signal(object)
    """Finished or Failed, for each start (with `latest_only`: for the latest)."""

    def __init__(
        self,
        job: Callable[..., Any],
        pool: Executor,
        *,
        latest_only: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job = job
        self._pool = pool
        self._latest_only = latest_only
        self._tickets = itertools.count(1)
        self._latest = 0
        self._n_going = 0
        self._mouth = _Mouth()
        self._mouth.arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self._mouth.left.connect(self._on_left, Qt.ConnectionType.QueuedConnection)

    @property
    def is_going(self) -> bool:
        """Whether a start has not ended yet."""
        return self._n_going > 0

    def start(self, *arguments: Any) -> None:
        """Calls the job with these arguments in the pool."""
        self._latest = next(self._tickets)
        self._n_going += 1
        self._pool.submit(self._work, self._mouth, self._latest, arguments)

    def drop(self) -> None:
        """Lets nothing of earlier starts arrive any more (with `latest_only`)."""
        self._latest = next(self._tickets)

    def _is_stale(self, ticket: int) -> bool:
        return self._latest_only and ticket != self._latest

    def _work(self, mouth: _Mouth, ticket: int, arguments: Sequence[Any]) -> None:
        last: Finished | Failed = Finished()
        try:
            if not self._is_stale(ticket):
                with contextlib.closing(_values(self._job(*arguments))) as values:
                    for value in values:
                        if self._is_stale(ticket):
                            break
                        mouth.arrived.emit(ticket, value)
        except AppError as error:
            last = Failed(str(error))
        except Exception as error:  # noqa: BLE001 (the border: a bug in a thread must be seen)
            sentence = tr("An error in the program: {error}").format(error=repr(error))
            last = Failed(sentence, traceback.format_exc())
        with contextlib.suppress(RuntimeError):  # the program ends
            mouth.left.emit(ticket, last)

    def _on_arrived(self, ticket: int, value: object) -> None:
        if not self._is_stale(ticket):
            self.reported.emit(value)

    def _on_left(self, ticket: int, last: object) -> None:
        self._n_going -= 1
        if not self._is_stale(ticket):
            self.ended.emit(last)


def _values(result: Any) -> Generator[Any, None, None]:
    if isinstance(result, Iterator):
        yield from result
    else:
        yield result
