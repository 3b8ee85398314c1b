"""What a person does is written down image by image, and shown on the page of the progress."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.effort import EffortLog, Visit
from core.merge import merge
from core.project import Project
from core.types import Instance, InstanceState, Part, new_instance_id
from gui.document import Document
from gui.main_window import MainWindow
from gui.pages.progress import ProgressPage
from gui.session import Session
from gui.session.documents import Documents
from gui.session.effort import EffortWatch
from tests.gui.user import User


def log_of(folder: Path) -> EffortLog:
    return EffortLog(folder / ".maskloop")


def predicted(session: Session, x: float = 0) -> Instance:
    part = Part([[10 + x, 10], [50 + x, 10], [50 + x, 50], [10 + x, 50]])
    class_id = session.classes[0].id
    state = InstanceState.PREDICTED
    return Instance(new_instance_id(), class_id, (part,), state, 0.9, "round-1/best.pth")


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def go_to(user: User, key: str) -> None:
    user.session.open_image(key)
    user.until_on(key)


def test_leaving_an_image_writes_what_was_done_in_it(user: User) -> None:
    one, other = predicted(user.session), predicted(user.session, 60)
    user.document.apply("Pre-label", merge(user.document.labels, (one, other)))
    user.document.select([one.id])
    user.press("accept")
    user.document.select([other.id])
    user.press("reject")
    go_to(user, "img_1.png")
    user.until(lambda: len(log_of(user.folder).read()) == 1)
    (visit,) = log_of(user.folder).read()
    assert (visit.image, visit.weights) == ("img_0.png", "round-1/best.pth")
    assert (visit.actions, visit.accepted, visit.rejected, visit.drawn) == (2, 1, 1, 0)


def test_a_vertex_that_is_dragged_is_a_correction(user: User) -> None:
    one = predicted(user.session)
    user.document.apply("Pre-label", merge(user.document.labels, (one,)))
    user.document.select([one.id])
    user.keys("V")
    user.drag((50, 50), (60, 60))
    go_to(user, "img_1.png")
    user.until(lambda: len(log_of(user.folder).read()) == 1)
    (visit,) = log_of(user.folder).read()
    assert (visit.edited, visit.vertices, visit.actions) == (1, 1, 1)
    assert 0.75 < visit.ious[0] < 0.95


def test_looking_at_images_writes_nothing(user: User) -> None:
    for key in ("img_1.png", "img_2.png", "img_0.png"):
        go_to(user, key)
    user.session.close()
    assert not log_of(user.folder).path.exists()


def test_the_last_image_is_written_when_the_window_closes(user: User) -> None:
    user.add()
    user.session.close()
    (visit,) = log_of(user.folder).read()
    assert (visit.drawn, visit.weights) == (1, "")


class Clock:
    """Goes forward when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_time_counts_while_the_person_is_there(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(folder)
    session.class_list.add("red")
    assert session.project is not None
    clock = Clock()
    documents = session._folder.documents if session._folder else None
    assert isinstance(documents, Documents)
    assert isinstance(documents.current, Document)
    watch = EffortWatch(session.project, documents, session._writer, clock_s=clock, parent=session)
    watch.settle()
    for seconds in (5.0, 3600.0, 7.0):
        clock.now_s += seconds
        watch.touch()
    clock.now_s += 1
    one = predicted(session)
    documents.current.edit("Draw", lambda now: edits.with_instance_added(now, one))
    documents.current.edit("Accept", edits.all_accepted)
    watch.settle()
    qtbot.waitUntil(lambda: len(watch.log.read()) == 1)
    assert watch.log.read()[0].seconds == 13.0


def test_a_folder_that_is_only_looked_at_gets_no_file(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    first = Project.open(folder)
    open_folder(folder)
    assert session.project is not None
    assert session.project.read_only_reason
    session.settle_effort()
    session.close()
    first.close()
    assert not log_of(folder).path.exists()


def test_what_cannot_be_written_is_told_once(user: User) -> None:
    log_of(user.folder).path.mkdir(parents=True)
    told: list[str] = []
    user.session.told.connect(told.append)
    for key in ("img_1.png", "img_2.png", "img_0.png"):
        user.add()
        go_to(user, key)
    user.add()
    user.session.settle_effort()
    user.until(lambda: user.session.is_all_saved and bool(told))
    user.until(lambda: not user.session._folder.effort._writing.is_going)
    assert sum("cannot be recorded" in sentence for sentence in told) == 1


def record(folder: Path, weights: str, *, seconds: float, n: int) -> None:
    """A visit that took so long for so many instances."""
    counts = {"accepted": n - 2, "edited": 2, "drawn": 0} if weights else {"drawn": n}
    base = {"accepted": 0, "edited": 0, "rejected": 1, "vertices": 6} | counts
    visit = Visit(1, "img_0.png", seconds, weights, actions=2 * n, ious=(0.8, 0.9), **base)
    log_of(folder).append(visit)


def test_the_page_says_whether_another_round_is_worth_it(user: User) -> None:
    record(user.folder, "", seconds=900, n=30)
    record(user.folder, "round-1/best.pth", seconds=300, n=30)
    user.press("page_progress")
    page = user.child(ProgressPage)
    user.until(lambda: page.table.rowCount() == 2)
    text = page.conclusion.text()
    assert "took 30 s by hand and takes 10 s with round-1, 67 % less" in text
    assert "The 3 images that are not done will take about 15 min" in text
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    headers = [page.table.model().headerData(n, across) for n in range(page.table.columnCount())]
    second = [page.table.item(1, n).text() for n in range(page.table.columnCount())]
    assert dict(zip(headers, second, strict=True)) == {
        "Images": "1", "Instances": "30", "Seconds each": "10.0", "Actions each": "2.0",
        "Untouched": "90 %", "Corrected": "2", "Drawn": "0", "Rejected": "1",
        "Vertices moved": "3.0", "IoU": "0.85",
    }  # fmt: skip
    assert page.table.model().headerData(0, down) == "by hand"
    assert page.table.item(0, 9).text() == "0.85"


def test_the_page_has_the_image_that_is_open_and_a_folder_without_a_record_says_what_to_do(
    user: User,
) -> None:
    user.press("page_progress")
    page = user.child(ProgressPage)
    assert page.conclusion.text().startswith("Nothing is recorded yet.")
    assert not page.table.isVisible()
    user.press("page_annotate")
    user.add()
    user.add(x=60)
    user.press("page_progress")
    user.until(lambda: page.table.rowCount() == 1)
    assert page.table.item(0, 1).text() == "2"
    user.press("page_annotate")
    user.add(x=30)
    user.press("page_progress")
    user.until(lambda: page.table.item(0, 1).text() == "3")


def test_a_verdict_on_many_images_is_one_action(user: User) -> None:
    for key in ("img_1.png", "img_2.png", "img_0.png"):
        go_to(user, key)
        one = predicted(user.session)
        user.document.apply("Pre-label", merge(user.document.labels, (one,)))
    user.until(lambda: user.session.is_all_saved)
    assert user.session.review is not None
    verdicts, keys = user.session.review.verdicts, ("img_0.png", "img_1.png", "img_2.png")
    with user.qtbot.waitSignal(verdicts.ended):
        verdicts.give("Accept", keys, lambda _key, labels: edits.all_accepted(labels))
    user.session.settle_effort()
    user.until(lambda: len(log_of(user.folder).read()) == 3)
    visits = {one.image: one for one in log_of(user.folder).read()}
    assert [visits[key].accepted for key in keys] == [1, 1, 1]
    assert [visits[key].actions for key in keys] == [1, 0, 0]
