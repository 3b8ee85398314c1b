"""The grid of crops: fifty thousand cells, of which only those that are seen cost anything."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.widgets.crop_cell import Cell
from gui.widgets.crop_grid import CropGrid

KEY = Qt.Key


class Asked:
    """Gives cells, and remembers which were asked for."""

    def __init__(self) -> None:
        self.numbers: set[int] = set()

    def cell(self, number: int) -> Cell:
        self.numbers.add(number)
        return Cell(None, f"fig {number}", "predicted", "#ff0000", "✓")


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def grid(qtbot: QtBot, asked: Asked) -> CropGrid:
    made = CropGrid(asked.cell)
    qtbot.addWidget(made)
    made.resize(760, 500)
    made.show()
    qtbot.waitExposed(made)
    made.set_count(50_000)
    made.setFocus()
    return made


def test_only_what_is_seen_is_asked_for(grid: CropGrid, asked: Asked) -> None:
    asked.numbers.clear()
    grid.grab()
    assert asked.numbers == set(grid.visible_places())
    assert len(asked.numbers) < 40


def test_the_end_is_one_key_away(qtbot: QtBot, grid: CropGrid) -> None:
    qtbot.keyClick(grid, KEY.Key_End)
    assert grid.current == 49_999
    assert 49_999 in grid.visible_places()
    assert grid.viewport().rect().contains(grid.rect_of(49_999))
    qtbot.keyClick(grid, KEY.Key_Home)
    assert grid.visible_places().start == 0


def test_arrows_go_through_rows_and_columns(qtbot: QtBot, grid: CropGrid) -> None:
    for key, expected in (
        (KEY.Key_Right, 1),
        (KEY.Key_Down, 1 + grid.n_columns),
        (KEY.Key_Left, grid.n_columns),
        (KEY.Key_Up, 0),
        (KEY.Key_Up, 0),
        (KEY.Key_Left, 0),
    ):
        qtbot.keyClick(grid, key)
        assert grid.current == expected
        assert grid.selected == (expected,)


def test_shift_extends_from_where_it_began(qtbot: QtBot, grid: CropGrid) -> None:
    grid.go_to(3)
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Left):
        qtbot.keyClick(grid, key, Qt.KeyboardModifier.ShiftModifier)
    assert grid.selected == (3, 4)


def test_a_click_with_ctrl_adds_and_takes_away(qtbot: QtBot, grid: CropGrid) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for number in (2, 4, 2):
        at = grid.rect_of(number).center()
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, at)
    assert grid.selected == (0, 4)


def test_a_fast_stroke_leaves_nothing_out(qtbot: QtBot, grid: CropGrid) -> None:
    left = Qt.MouseButton.LeftButton
    last = grid.n_columns - 1
    with qtbot.waitSignal(grid.painted) as painted:
        qtbot.mousePress(grid.viewport(), left, pos=grid.rect_of(0).center())
        qtbot.mouseMove(grid.viewport(), grid.rect_of(last).center())
        qtbot.mouseRelease(grid.viewport(), left, pos=grid.rect_of(last).center())
    assert painted.args == [tuple(range(last + 1))]


def test_all_can_be_selected_and_none(qtbot: QtBot, grid: CropGrid) -> None:
    qtbot.keyClick(grid, KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(grid.selected) == 50_000
    qtbot.keyClick(grid, KEY.Key_Escape)
    assert grid.selected == ()


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Enter])
def test_enter_opens_the_current_one(qtbot: QtBot, grid: CropGrid, key: Qt.Key) -> None:
    grid.go_to(7)
    with qtbot.waitSignal(grid.opened) as opened:
        qtbot.keyClick(grid, key)
    assert opened.args == [7]


def test_a_screen_reader_hears_what_is_current(qtbot: QtBot, grid: CropGrid) -> None:
    grid.go_to(7)
    assert grid.accessibleDescription() == "fig 7, predicted, 8 of 50000"


def test_other_keys_are_left_to_whoever_holds_the_grid(qtbot: QtBot, grid: CropGrid) -> None:
    before = grid.current
    qtbot.keyClick(grid, KEY.Key_X)
    assert grid.current == before
