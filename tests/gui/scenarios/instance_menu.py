"""The menu Instance."""

import numpy as np
from PySide6.QtCore import Qt

from core import edits
from core.geometry import parts_area
from core.types import Instance, Part
from gui.canvas.simplify_panel import SimplifyPanel
from gui.dialogs.note import NoteDialog
from tests.gui.user import User

_HOLE = [[20, 20], [30, 20], [30, 30], [20, 30]]
_SPECK = [[60, 60], [62, 60], [62, 62], [60, 62]]


def unite(user: User) -> None:
    _, front = _two_that_overlap(user)
    user.press("unite")
    (one,) = user.instances
    assert (one.id, parts_area(one.parts)) == (front, 1600 + 800)


def subtract(user: User) -> None:
    back, _ = _two_that_overlap(user)
    user.press("subtract")
    (one,) = user.instances
    assert (one.id, parts_area(one.parts)) == (back, 800)


def intersect(user: User) -> None:
    _, front = _two_that_overlap(user)
    user.press("intersect")
    (one,) = user.instances
    assert (one.id, parts_area(one.parts)) == (front, 800)


def take_away_below(user: User) -> None:
    back, front = _two_that_overlap(user)
    user.document.select([front])
    user.press("take_away_below")
    assert [(one.id, parts_area(one.parts)) for one in user.instances] == [
        (back, 800),
        (front, 1600),
    ]


def join(user: User) -> None:
    _, front = _two_that_overlap(user)
    user.press("join")
    (one,) = user.instances
    assert (one.id, len(one.parts)) == (front, 2)


def split_parts(user: User) -> None:
    one = _with_parts(user, Part(_SPECK), Part(_HOLE))
    user.press("split_parts")
    assert [len(instance.parts) for instance in user.instances] == [1, 1]
    assert user.instances[0].id == one
    assert len(user.document.selection) == 2


def fill_holes(user: User) -> None:
    square = Part([[10, 10], [50, 10], [50, 50], [10, 50]], (_HOLE,))
    _with_parts(user, square)
    user.press("fill_holes")
    assert user.instances[0].parts[0].holes == ()


def drop_specks(user: User) -> None:
    _with_parts(user, Part(_SPECK), Part(_HOLE))
    user.press("drop_specks")
    assert user.instances[0].parts == (Part(_HOLE),)


def simplify(user: User) -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack([60 + 30 * np.cos(angles), 45 + 30 * np.sin(angles)], axis=1)
    _with_parts(user, Part(ring))
    user.press("simplify")
    panel = user.child(SimplifyPanel)
    user.until(panel.apply_button.isEnabled)
    user.qtbot.keyClick(panel.simplify_slider, Qt.Key.Key_Return)
    assert len(user.instances[0].parts[0].outer) < 40


def to_front(user: User) -> None:
    back, front = _two_that_overlap(user)
    user.document.select([back])
    user.press("to_front")
    assert [one.id for one in user.instances] == [front, back]


def to_back(user: User) -> None:
    back, front = _two_that_overlap(user)
    user.document.select([front])
    user.press("to_back")
    assert [one.id for one in user.instances] == [front, back]


def next_below(user: User) -> None:
    back, front = _two_that_overlap(user)
    user.document.select(())
    user.point_at(40, 30)
    for expected in (front, back, front):
        user.press("next_below")
        assert user.document.selection == {expected}


def note(user: User) -> None:
    user.add()
    user.press("note")
    dialog = user.child(NoteDialog)
    user.write("half hidden", dialog.text)
    user.qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert user.instances[0].note == "half hidden"
    user.until(lambda: user.session.is_all_saved)
    assert "half hidden" in (user.folder / "img_0.json").read_text()


def crowd(user: User) -> None:
    user.add()
    user.press("crowd")
    assert user.instances[0].crowd
    user.press("crowd")
    assert not user.instances[0].crowd


def _two_that_overlap(user: User) -> tuple[str, str]:
    """The ids of two squares of 40 that share half of each, both selected, from back to front."""
    back, front = user.add(), user.add(x=30)
    user.document.select([back, front])
    return back, front


def _with_parts(user: User, *parts: Part) -> str:
    one = Instance("several", user.session.classes[0].id, parts)
    user.document.edit("Draw", lambda now: edits.with_instance_added(now, one))
    user.document.select([one.id])
    return one.id
