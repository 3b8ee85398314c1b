"""A class that is gone does not come back by undo."""

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, Part
from gui.main_window import MainWindow
from gui.session import Session
from gui.widgets.notices import Notice

SQUARE = Part(np.array([[10.0, 10], [40, 10], [40, 40], [10, 40]]))


@pytest.fixture
def drawn(opened: MainWindow) -> Session:
    """An image with one instance of the class red, which was moved once."""
    session = opened.session
    document = session.document
    assert document is not None
    red = session.classes[0].id
    document.apply(
        "Draw", edits.with_instance_added(document.labels, Instance("a", red, (SQUARE,)))
    )
    moved = edits.with_instances_moved(document.labels, ["a"], by_xy=(2.0, 0.0))
    document.apply("Move", moved)
    return session


def answer(qtbot: QtBot, session: Session, ask: Callable[[], object]) -> None:
    with qtbot.waitSignal(session.asked) as asked:
        ask()
    notice = asked.args[0]
    assert isinstance(notice, Notice)
    notice.answers[0][1]()
    document = session.document
    assert document is not None
    qtbot.waitUntil(lambda: document.undo_stack.undoText() == "Changed on disk")


def test_undo_past_a_merge_keeps_the_class_that_is_left(qtbot: QtBot, drawn: Session) -> None:
    red, green = drawn.classes
    document = drawn.document
    assert document is not None
    answer(qtbot, drawn, lambda: drawn.class_list.merge(red.id, into=green.id))
    document.undo()  # what was read again from the file
    document.undo()
    assert [one.class_id for one in document.labels.instances] == [green.id]
    assert document.labels.instances[0].parts == (SQUARE,)
    qtbot.waitUntil(lambda: drawn.is_all_saved)


def test_undo_past_a_delete_brings_nothing_of_the_class_back(qtbot: QtBot, drawn: Session) -> None:
    document = drawn.document
    assert document is not None
    answer(qtbot, drawn, lambda: drawn.class_list.delete(drawn.classes[0].id))
    document.undo()  # what was read again from the file
    document.undo()
    assert document.labels.instances == ()
    qtbot.waitUntil(lambda: drawn.is_all_saved)
