"""What happened the last time: whether the window closed well, and what was brought back."""

import contextlib
import faulthandler
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.project import Recovered
from core.run_folder.process import ProcessId, is_running, this_process
from core.wording import listed
from gui.texts import tr
from gui.widgets.notices import Notice

LAST_TIME, NOT_OPENED = "last_time", "not_opened"
"""Topics of notices."""


@dataclass(frozen=True, slots=True)
class BadEnd:
    """A window that is gone without having closed."""

    report: Path | None
    """What the system said when it went; None where it said nothing, as of a kill."""


class OpenMark:
    """A file that is there while this window is open, and what the system says if it crashes."""

    def __init__(self, folder: Path) -> None:
        """Makes it, where the folder can be written to."""
        self._mark = folder / f"{this_process().pid}.json"
        self._report = self._mark.with_suffix(".txt")
        self._file: IO[str] | None = None
        me = this_process()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._report.open("w", encoding="utf-8")
            faulthandler.enable(self._file)
            self._mark.write_text(json.dumps({"pid": me.pid, "started": me.started}))

    def remove(self) -> None:
        """The window has closed well."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
        with contextlib.suppress(OSError):
            self._mark.unlink(missing_ok=True)
            self._report.unlink(missing_ok=True)


def bad_ends(folder: Path) -> tuple[BadEnd, ...]:
    """Windows that are gone without having closed; each is told once. For threads."""
    ends = []
    for mark in sorted(folder.glob("*.json")):
        process = _process_of(mark)
        if process is not None and is_running(process):
            continue
        report = mark.with_suffix(".txt")
        with contextlib.suppress(OSError):
            mark.unlink()
            if report.is_file() and report.stat().st_size:
                kept = report.with_name(f"crash_of_{mark.stem}.txt")
                ends.append(BadEnd(report.replace(kept)))
            else:
                report.unlink(missing_ok=True)
                ends.append(BadEnd(None))
    return tuple(ends)


def _process_of(mark: Path) -> ProcessId | None:
    try:
        value = json.loads(mark.read_text())
        return ProcessId(int(value["pid"]), str(value["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tell_of_recovered(
    recovered: Iterable[Recovered],
    *,
    told: Callable[[str], object],
    ask: Callable[[Notice], object],
) -> None:
    """Says which edits are back, in one sentence, and of each that is not, why."""
    several = tuple(recovered)
    for one in several:
        if not one.n_edits:
            told(one.sentence)
    back = [one for one in several if one.n_edits]
    n = sum(one.n_edits for one in back)
    if n:
        ended_badly = tr("Maskloop did not close well last time.")
        one_edit = tr("Back again: 1 edit that was not in a label file yet, of {images}.")
        edits = tr("Back again: %n edits that were not in a label file yet, of {images}.", "", n)
        images = listed([one.key for one in back])
        sentence = " ".join((ended_badly, (one_edit if n == 1 else edits).format(images=images)))
        ask(Notice(sentence, ((tr("All right"), lambda: None),), topic=LAST_TIME))


def notice_of_ends(ends: Sequence[BadEnd]) -> Notice:
    """What is told of windows that did not close well."""
    reports = [str(end.report) for end in ends if end.report]
    sentence = tr(
        "Maskloop did not close well last time: it was ended, or it crashed. Every edit that you"
        " saw is on the disk."
    )
    if not reports:
        return Notice(sentence, topic=LAST_TIME)
    where = tr("A report, for whoever repairs it: {files}.").format(files=listed(reports))
    # Of a topic of its own: the edits that are back do not take its place.
    return Notice(f"{sentence} {where}", ((tr("All right"), lambda: None),), topic="crash")


def not_opened(sentence: str, try_again: Callable[[], object]) -> Notice:
    """What is told where a folder cannot be opened."""
    more = tr(
        "If its disk was unplugged, connect it and try again; if it was moved or renamed, open it"
        " where it is now (Ctrl+O): its labels are in it."
    )
    return Notice(f"{sentence} {more}", ((tr("Try again"), try_again),), topic=NOT_OPENED)
