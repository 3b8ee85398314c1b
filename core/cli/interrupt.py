"""Ctrl-C and a polite kill end a job between two of its events, so that it leaves all in order."""

import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Gives what tells whether the job should end. The second Ctrl-C ends the program at once."""
    was_asked = False
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(_number: int, _frame: object) -> None:
        nonlocal was_asked
        was_asked = True
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield lambda: was_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
