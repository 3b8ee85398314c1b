"""What the canvas shows, and how it zooms and pans."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter
from pytestqt.qtbot import QtBot

import gui.canvas.layer
from core import edits
from core.geometry import contains
from core.types import ImageLabels, InstanceState, LabelClass, Part
from gui.canvas.paint import path_of, pen_of, polygon_of
from gui.canvas.picture import picture_of
from gui.canvas.tools import all_tools
from gui.canvas.view import Canvas
from gui.document import Document
from tests.gui.hand import LEFT, NONE, SIZE_HW, Hand, square

GREY = (128, 128, 128)


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    return Hand(qtbot, square(50, 50, "a"), square(200, 100, "b"))


def scene_rect_seen(canvas: Canvas) -> tuple[float, float, float, float]:
    return canvas.visible_rect().getCoords()


def test_fit_shows_the_whole_image(hand: Hand) -> None:
    hand.canvas.fit()

    left, top, right, bottom = scene_rect_seen(hand.canvas)
    assert left < 0
    assert top < 0
    assert right > 400
    assert bottom > 300
    assert hand.canvas.zoom == pytest.approx((600 - 24) / 300)


def test_a_fitted_image_fits_after_a_resize_too(hand: Hand) -> None:
    hand.canvas.fit()

    hand.canvas.resize(300, 500)

    assert hand.canvas.zoom == pytest.approx((300 - 24) / 400)


def test_a_zoomed_image_keeps_its_zoom_on_a_resize(hand: Hand) -> None:
    hand.canvas.resize(300, 500)

    assert hand.canvas.zoom == 1.0


def test_the_wheel_zooms_to_the_cursor(hand: Hand) -> None:
    for notches in (1, 3, -2):
        before = hand.place(120, 80)
        zoom = hand.canvas.zoom

        hand.wheel(120, 80, notches)

        assert hand.canvas.zoom == pytest.approx(zoom * 2 ** (notches / 4))
        moved = hand.place(120, 80) - before
        assert abs(moved.x()) <= 1
        assert abs(moved.y()) <= 1


def test_zooming_by_keys_keeps_the_middle(hand: Hand) -> None:
    middle = hand.canvas.visible_rect().center()

    hand.canvas.zoom_by(2.0)

    away = hand.canvas.visible_rect().center() - middle
    assert abs(away.x()) <= 1
    assert abs(away.y()) <= 1


def test_a_hundred_percent_is_a_pixel_a_pixel(hand: Hand) -> None:
    hand.canvas.fit()

    with hand.qtbot.waitSignal(hand.canvas.zoom_changed) as change:
        hand.canvas.zoom_to_actual()

    assert change.args == [1.0]
    assert hand.place(101, 100).x() - hand.place(100, 100).x() == 1


@pytest.mark.parametrize("factor", [1e9, 1e-9])
def test_zoom_has_an_end_in_both_directions(hand: Hand, factor: float) -> None:
    hand.canvas.zoom_by(factor)

    assert 0.5 <= hand.canvas.zoom <= 64


def test_zooming_to_the_selected_shows_it_large_in_the_middle(hand: Hand) -> None:
    hand.document.select(["b"])

    hand.canvas.show_selected()

    left, top, right, bottom = scene_rect_seen(hand.canvas)
    assert (left + right) / 2 == pytest.approx(220, abs=1)
    assert (top + bottom) / 2 == pytest.approx(120, abs=1)
    assert 40 < bottom - top < 80


@pytest.mark.parametrize("with_space", [True, False])
def test_the_middle_button_or_space_and_a_drag_pan(hand: Hand, *, with_space: bool) -> None:
    viewport, button = hand.canvas.viewport(), Qt.MouseButton.MiddleButton
    before, labels = hand.place(70, 70), hand.labels
    if with_space:
        button = LEFT
        hand.qtbot.keyPress(hand.canvas, Qt.Key.Key_Space)

    hand.qtbot.mousePress(viewport, button, NONE, before)
    hand.qtbot.mouseMove(viewport, before + hand.place(30, 20) - hand.place(0, 0))
    hand.qtbot.mouseRelease(viewport, button, NONE, before)
    hand.qtbot.keyRelease(hand.canvas, Qt.Key.Key_Space)

    moved = hand.place(70, 70) - before
    assert (moved.x(), moved.y()) == (30, 20)
    assert hand.document.selection == set()
    assert hand.labels is labels


def test_after_panning_the_left_button_is_the_tools_again(hand: Hand) -> None:
    hand.key(Qt.Key.Key_Space)

    hand.click(70, 70)

    assert hand.document.selection == {"a"}


def test_the_mouse_is_told_in_pixels_of_the_image(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.canvas.cursor_moved) as move:
        hand.move(120, 80)

    assert move.args == [120, 80]


def test_an_instance_is_painted_in_the_colour_of_its_class(hand: Hand) -> None:
    red, green, blue = hand.pixel(70, 70)

    assert red > 128 > green > blue
    assert hand.pixel(150, 200) == GREY


def test_classes_that_change_are_painted_anew(hand: Hand) -> None:
    hand.canvas.set_classes([LabelClass(1, "date", "#0000ff")])

    red, _green, blue = hand.pixel(70, 70)
    assert blue > 128 > red


def test_a_hole_is_left_out(qtbot: QtBot) -> None:
    outer = square(50, 50, "a", side=100)
    hole = square(80, 80, "", side=40).parts[0].outer
    hand = Hand(qtbot, replace(outer, parts=(Part(outer.parts[0].outer, (hole,)),)))

    assert hand.pixel(100, 100) == GREY
    assert hand.pixel(65, 65) != GREY


def test_parts_that_overlap_are_one_area(qtbot: QtBot) -> None:
    parts = (*square(50, 50, "", side=60).parts, *square(80, 80, "", side=60).parts)
    hand = Hand(qtbot, replace(square(0, 0, "a"), parts=parts))

    assert hand.pixel(95, 95) == hand.pixel(65, 65) != GREY


@settings(max_examples=60)
@given(
    ring=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=8, unique=True
    ),
    at=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    has_hole=st.booleans(),
)
def test_what_is_filled_is_what_the_geometry_contains(
    ring: list[tuple[int, int]], at: tuple[int, int], *, has_hole: bool
) -> None:
    hole = np.array([[10.5, 10.5], [10.5, 20.5], [20.5, 20.5]])
    part = Part(np.array(ring), (hole,) if has_hole and _is_around(ring, hole) else ())
    # a point off the grid, so that it lies on no edge between two points of it
    xy = at[0] + 0.317, at[1] + 0.123

    assert path_of((part,)).contains(QPointF(*xy)) == contains((part,), xy)


def _is_around(ring: list[tuple[int, int]], hole: np.ndarray) -> bool:
    outer = shapely.Polygon(ring)
    return outer.is_valid and outer.contains(shapely.Polygon(hole))


def test_parts_fill_the_same_in_whatever_direction_their_rings_run() -> None:
    first, second = square(0, 0, "", side=60).parts[0].outer, square(30, 30, "", side=60)
    other = second.parts[0].outer
    hole = np.array([[40, 40], [50, 40], [50, 50], [40, 50]])
    for turn_first in (1, -1):
        for turn_hole in (1, -1):
            parts = (Part(first[::turn_first]), Part(other, (hole[::turn_hole],)))
            path = path_of(parts)
            assert path.contains(QPointF(45, 45))  # the first part covers the second one's hole
            assert path.contains(QPointF(35, 35))
            assert not path_of(parts[1:]).contains(QPointF(45, 45))


def test_predictions_are_told_from_a_persons_by_their_outline() -> None:
    instance, colour = square(0, 0, "a"), QColor("#e6550d")
    predicted = replace(instance, state=InstanceState.PREDICTED)

    assert pen_of(instance, colour).style() is Qt.PenStyle.SolidLine
    assert pen_of(predicted, colour).style() is Qt.PenStyle.DashLine


def test_a_selected_instance_looks_different(hand: Hand) -> None:
    inside, corner = hand.pixel(70, 70), hand.pixel(50, 50)

    hand.document.select(["a"])

    assert hand.pixel(70, 70) != inside
    assert hand.pixel(50, 50) != corner


def test_handles_are_shown_of_the_selected_only(hand: Hand) -> None:
    hand.document.select(["a"])

    assert hand.pixel(50, 50) == (255, 255, 255)
    assert hand.pixel(200, 100) != (255, 255, 255)


def test_only_what_changed_is_made_anew(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def counted(parts: object) -> object:
        made.append(parts)
        return path_of(parts)

    monkeypatch.setattr(gui.canvas.layer, "path_of", counted)

    hand.document.apply("Move", edits.with_instances_moved(hand.labels, {"b"}, by_xy=(10.0, 0.0)))

    assert made == [hand.labels.instance("b").parts]


def test_undo_shows_what_was_there_before(hand: Hand) -> None:
    before = hand.pixel(70, 70)
    hand.document.apply("Delete", edits.rejected(hand.labels, {"a"}))
    assert hand.pixel(70, 70) == GREY

    hand.document.undo()

    assert hand.pixel(70, 70) == before


def test_instances_keep_their_order_from_back_to_front(hand: Hand) -> None:
    over = square(60, 60, "over")
    hand.document.apply("Draw", edits.with_instance_added(hand.labels, over))
    hand.click(75, 75)
    assert hand.document.selection == {"over"}

    turned = replace(hand.labels, instances=hand.labels.instances[::-1])
    hand.document.apply("To the back", turned)
    hand.click(300, 250)
    hand.click(75, 75)

    assert hand.document.selection == {"a"}


def test_another_document_takes_the_place_of_the_first(hand: Hand) -> None:
    other = Document("b.jpg", ImageLabels(SIZE_HW, (square(300, 200, "c"),)))

    hand.canvas.set_document(other)
    hand.document.apply("Delete", edits.rejected(hand.labels, {"a"}))

    assert hand.pixel(70, 70) == GREY
    assert hand.pixel(320, 220) != GREY


def test_without_a_document_the_mouse_and_the_keys_do_nothing(hand: Hand) -> None:
    hand.canvas.set_document(None)

    for tool in all_tools():
        hand.canvas.set_tool(tool)
        hand.double_click(70, 70)
        hand.drag((20, 20), (90, 90))
        hand.key(Qt.Key.Key_Escape)
        hand.canvas.delete_vertex()

    assert hand.pixel(70, 70) == GREY


def test_sentences_of_the_document_are_passed_on(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.canvas.refused) as refusal:
        hand.document.refused.emit("The disk is full.")

    assert refusal.args == ["The disk is full."]


def test_a_tool_that_is_taken_is_told(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.canvas.tool_changed) as change:
        hand.canvas.set_tool("polygon")

    assert change.args == ["polygon"]
    assert hand.canvas.tool == "polygon"


def test_an_empty_canvas_says_what_to_do(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitExposed(canvas)
    empty = canvas.viewport().grab().toImage()

    canvas.set_placeholder("Open a folder of images")

    assert canvas.viewport().grab().toImage() != empty


def test_many_instances_in_view_are_drawn_without_smooth_edges(qtbot: QtBot) -> None:
    many = [square(10 + i % 20 * 15, 10 + i // 20 * 15, f"{i}", side=10) for i in range(100)]
    hand = Hand(qtbot, *many)
    smooth = QPainter.RenderHint.Antialiasing
    assert not hand.canvas.renderHints() & smooth

    hand.canvas.zoom_by(16)

    assert hand.canvas.renderHints() & smooth


def test_after_the_wheel_has_come_to_rest_edges_are_smooth_again(hand: Hand) -> None:
    smooth = QPainter.RenderHint.Antialiasing
    hand.wheel(120, 80, 1)
    assert not hand.canvas.renderHints() & smooth

    hand.qtbot.waitUntil(lambda: not hand.canvas.is_in_haste)

    hand.qtbot.waitUntil(lambda: bool(hand.canvas.renderHints() & smooth))


def test_outlines_of_many_are_left_out_only_while_the_wheel_turns(qtbot: QtBot) -> None:
    many = [square(5 + i % 20 * 15, 5 + i // 20 * 15, f"{i}", side=10) for i in range(300)]
    hand = Hand(qtbot, *many)
    border, inside = (5, 10), (10, 10)
    assert hand.pixel(*border) != hand.pixel(*inside)

    hand.wheel(5, 10, 0.01)
    assert hand.pixel(*border) == hand.pixel(*inside)

    qtbot.waitUntil(lambda: hand.pixel(*border) != hand.pixel(*inside))


def test_a_vertex_can_be_taken_at_every_zoom(qtbot: QtBot) -> None:
    hand = Hand(qtbot, square(150, 100, "a", side=100))
    hand.document.select(["a"])
    for factor in (0.5, 2, 2, 2):
        hand.canvas.zoom_by(factor)
        x, y = hand.ring("a")[0]

        hand.drag((x, y), (x + 10, y + 10))

        assert hand.ring("a")[0] == pytest.approx([x + 10, y + 10], abs=1 / hand.canvas.zoom)


def test_a_picture_has_its_pixels() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (37, 53, 3), dtype=np.uint8)

    (level,) = picture_of(rgb).levels

    seen = [
        [(c.red(), c.green(), c.blue()) for c in (level.pixelColor(x, y) for x in range(53))]
        for y in range(37)
    ]
    assert np.array_equal(seen, rgb)


def test_a_large_picture_has_smaller_levels() -> None:
    rgb = np.full((3000, 4001, 3), (10, 20, 30), np.uint8)

    sizes = [(level.width(), level.height()) for level in picture_of(rgb).levels]

    assert sizes == [(4001, 3000), (2001, 1500), (1001, 750)]


def test_a_picture_of_a_part_of_an_array_has_its_pixels() -> None:
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[5, 7] = (1, 2, 3)

    (level,) = picture_of(rgb[5:, 7:]).levels

    assert level.pixelColor(0, 0).getRgb()[:3] == (1, 2, 3)


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="an image is"):
        picture_of(np.zeros(shape, np.uint8))


def test_a_polygon_has_its_points() -> None:
    points = [(0.25, -3.0), (1e6, 7.5), (2.0, 1e-9)]

    polygon = polygon_of(points)

    assert [(point.x(), point.y()) for point in polygon] == points
