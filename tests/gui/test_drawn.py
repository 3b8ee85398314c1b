"""What a tool drew: one instance of parts with their holes, or a question for its class."""

import numpy as np
from pytestqt.qtbot import QtBot

from core.types import ImageLabels, Part
from gui.canvas.drawn import Drawn
from gui.document import Document

OUTER = np.array([[10, 10], [90, 10], [90, 90], [10, 90]])
HOLE = np.array([[30, 30], [60, 30], [60, 60], [30, 60]])
ISLAND = np.array([[100, 10], [120, 10], [120, 30]])


def ready(class_id: int | None = 1) -> tuple[Drawn, Document]:
    drawn, document = Drawn(), Document("a.jpg", ImageLabels((300, 400)))
    drawn.set_document(document)
    drawn.set_class_id(class_id)
    return drawn, document


def test_parts_with_holes_become_one_selected_instance_in_one_step(qtbot: QtBot) -> None:
    drawn, document = ready()
    parts = (Part(OUTER, (HOLE,)), Part(ISLAND))
    assert drawn.add_parts(parts)
    (instance,) = document.labels.instances
    assert instance.parts == parts
    assert document.selection == {instance.id}
    document.undo()
    assert document.labels.instances == ()


def test_parts_without_a_class_wait_for_one(qtbot: QtBot) -> None:
    drawn, document = ready(class_id=None)
    parts = (Part(OUTER, (HOLE,)),)
    with qtbot.waitSignal(drawn.class_wanted):
        assert drawn.add_parts(parts)
    assert drawn.waiting == parts
    drawn.set_class_id(2)
    assert document.labels.instances[0].parts == parts


def test_nothing_drawn_is_refused_with_a_sentence(qtbot: QtBot) -> None:
    drawn, document = ready()
    with qtbot.waitSignal(drawn.refused):
        assert not drawn.add_parts(())
    with qtbot.waitSignal(drawn.refused):
        assert not drawn.add_parts((Part(OUTER, (OUTER,)),))
    assert document.labels.instances == ()
