"""Thresholds of single classes, what a move will do, and suggestions: by mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import edits
from core.predictions import PredictedBy, Predictions, PredictionStore
from core.project import Project
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.main_window import MainWindow
from gui.panels.confidence import ConfidencePanel
from gui.session.confidence import Confidence
from tests.gui.user import User

LEFT = Qt.MouseButton.LeftButton
PREDICTED = InstanceState.PREDICTED
BY = PredictedBy("model", "", {}, ("red", "green"))
SCORES = {"red": (0.9, 0.6, 0.3), "green": (0.8, 0.4)}


def _predictions(number: int, classes: dict[str, int]) -> tuple[Instance, ...]:
    """Squares of 8 from left to right, the red ones above the green ones."""
    return tuple(
        Instance(
            f"{number} {name} {score}", classes[name],
            (Part([[x, y], [x + 8, y], [x + 8, y + 8], [x, y + 8]]),),
            state=PREDICTED, score=score, source="model",
        )
        for y, (name, scores) in zip((10, 50), SCORES.items(), strict=True)
        for x, score in zip((10, 40, 70), scores, strict=False)
    )  # fmt: skip


@pytest.fixture
def user(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    open_folder: Callable[[Path], None],
    tmp_path: Path,
) -> User:
    """Before three images of which five predictions each are kept, from 50 % on shown; the last
    image is done."""
    project = Project.open(folder)
    classes = {name: project.add_class(name).id for name in SCORES}
    project.keep_confidence(0.5)
    store = PredictionStore(project.hidden_folder)
    for number in range(3):
        key, predicted = f"img_{number}.png", _predictions(number, classes)
        store.keep(Predictions(key, "", (90, 120), BY, predicted))
        shown = tuple(one for one in predicted if (one.score or 0) >= 0.5)
        state = ImageState.DONE if number == 2 else ImageState.UNTOUCHED
        project.write(key, ImageLabels((90, 120), shown, state), stamp="")
    project.close()
    open_folder(folder)
    made = User(qtbot, window, tmp_path, folder)
    made.until(lambda: confidence(made).has_predictions)
    return made


def confidence(user: User) -> Confidence:
    found = user.session.confidence
    assert found is not None
    return found


def panel(user: User) -> ConfidencePanel:
    found = user.window.docks["confidence"].widget()
    assert isinstance(found, ConfidencePanel)
    return found


def choose(user: User, name: str) -> None:
    which = panel(user).which
    which.setFocus()
    for _ in range(which.count()):
        user.qtbot.keyClick(which, Qt.Key.Key_Up)
    for _ in range(which.count()):
        if not which.currentText().startswith(name):
            user.qtbot.keyClick(which, Qt.Key.Key_Down)


def move_to(user: User, percent: int) -> None:
    """By the keys."""
    slider = panel(user).slider
    left = percent - slider.value()
    for _ in range(abs(left)):
        user.qtbot.keyClick(slider, Qt.Key.Key_Right if left > 0 else Qt.Key.Key_Left)


def shown(user: User) -> set[str]:
    return {one.id.partition(" ")[2] for one in user.instances}


def in_file(user: User, number: int) -> int:
    assert user.session.project is not None
    return len(user.session.project.read(f"img_{number}.png").labels.instances)


def settled(user: User) -> None:
    done: list[object] = []
    user.until(lambda: not confidence(user).n_images_waiting)
    user.session.work.when_written(lambda _: None, done.append)
    user.until(lambda: bool(done) and user.session.is_all_saved)


def test_a_class_has_a_confidence_of_its_own(user: User) -> None:
    assert shown(user) == {"red 0.9", "red 0.6", "green 0.8"}
    choose(user, "green")
    move_to(user, 35)
    user.until(lambda: shown(user) == {"red 0.9", "red 0.6", "green 0.8", "green 0.4"})
    assert panel(user).value.text() == "35 %"
    assert panel(user).which.currentText() == "green   35 %"
    user.until(lambda: in_file(user, 1) == 4)
    assert in_file(user, 2) == 3  # it is done
    assert user.session.project is not None
    of_class = user.session.project.thresholds(0.9)
    assert of_class == Thresholds(0.5, {user.session.classes[1].id: 0.35})


def test_the_others_follow_all_classes_and_it_does_not(user: User) -> None:
    choose(user, "green")
    move_to(user, 35)
    choose(user, "All")
    move_to(user, 85)
    user.until(lambda: shown(user) == {"red 0.9", "green 0.8", "green 0.4"})
    settled(user)
    assert user.document.undo_stack.count() == 2
    user.press("undo", on=user.window.canvas)
    assert shown(user) == {"red 0.9", "red 0.6", "green 0.8", "green 0.4"}


def test_it_can_be_as_all_again(user: User) -> None:
    choose(user, "green")
    assert not panel(user).as_all.isVisible()
    move_to(user, 35)
    user.qtbot.mouseClick(panel(user).as_all, LEFT)
    user.until(lambda: shown(user) == {"red 0.9", "red 0.6", "green 0.8"})
    assert not panel(user).as_all.isVisible()
    assert confidence(user).thresholds == Thresholds(0.5)


def test_a_move_of_a_class_is_taken_back_in_one_step(user: User) -> None:
    choose(user, "red")
    move_to(user, 95)
    user.until(lambda: in_file(user, 1) == 1)
    settled(user)
    user.press("take_back_prelabel", on=user.window.canvas)
    user.until(lambda: in_file(user, 1) == 3)
    user.until(lambda: len(shown(user)) == 3)
    assert confidence(user).thresholds == Thresholds(0.5)
    assert "The confidence of the classes is again what it was in 2 images." in user.told


def test_it_is_still_there_after_a_restart(user: User) -> None:
    choose(user, "green")
    move_to(user, 35)
    panel(user).slider.sliderReleased.emit()
    settled(user)
    reader = Project.open(user.folder, wants_to_write=False)
    assert reader.thresholds(0.5).of_class == {user.session.classes[1].id: 0.35}
    reader.close()


def test_while_it_is_moved_it_says_what_appears_and_goes(user: User) -> None:
    slider = panel(user).slider
    slider.setSliderDown(True)
    slider.setValue(25)
    user.until(lambda: "2 more" in panel(user).counts.text())
    assert panel(user).counts.text() == "5 shown, 0 below (2 more)"
    user.until(lambda: panel(user).elsewhere.text() == "In 1 other image: 2 more.")
    assert in_file(user, 1) == 3
    slider.setValue(85)
    user.until(lambda: panel(user).counts.text() == "1 shown, 4 below (2 fewer)")
    assert panel(user).elsewhere.text() == "In 1 other image: 2 fewer."
    slider.setSliderDown(False)
    user.until(lambda: in_file(user, 1) == 1)
    assert panel(user).elsewhere.text() == ""


def test_what_a_person_judged_there_is_not_foreseen(user: User) -> None:
    user.press("next_image", on=user.window.canvas)
    user.until_on("img_1.png")
    user.press("accept_all", on=user.window.canvas)
    user.press("previous_image", on=user.window.canvas)
    user.until_on("img_0.png")
    settled(user)
    panel(user).slider.setSliderDown(True)
    panel(user).slider.setValue(95)
    user.until(lambda: panel(user).counts.text() == "0 shown, 5 below (3 fewer)")
    user.until(lambda: panel(user).elsewhere.text() == "")
    panel(user).slider.setSliderDown(False)


def test_what_is_judged_in_many_images_at_once_is_not_foreseen(user: User) -> None:
    panel(user).slider.setSliderDown(True)
    panel(user).slider.setValue(95)
    user.until(lambda: panel(user).elsewhere.text() == "In 1 other image: 3 fewer.")
    panel(user).slider.setValue(50)
    panel(user).slider.setSliderDown(False)
    settled(user)
    assert user.session.review is not None
    verdicts = user.session.review.verdicts
    with user.qtbot.waitSignal(verdicts.ended):
        verdicts.give("Accept", ("img_1.png",), lambda _, labels: edits.all_accepted(labels))

    panel(user).slider.setSliderDown(True)
    panel(user).slider.setValue(95)

    user.until(lambda: panel(user).counts.text() == "0 shown, 5 below (3 fewer)")
    user.until(lambda: panel(user).elsewhere.text() == "")
    panel(user).slider.setSliderDown(False)


def _judge(user: User, *, good: int, bad: int) -> None:
    """So many red predictions of 70 % accepted, and of 40 % rejected."""
    red = user.session.classes[0].id
    part = Part([[1, 1], [9, 1], [9, 9]])
    several = [
        Instance(f"judged {n}", red, (part,), state=PREDICTED, score=0.7 if n < good else 0.4)
        for n in range(good + bad)
    ]
    document = user.document
    document.edit("Predict", lambda now: edits.with_instances_added(now, several))
    document.edit("Accept", lambda now: edits.accepted(now, [one.id for one in several[:good]]))
    document.edit("Reject", lambda now: edits.rejected(now, [one.id for one in several[good:]]))
    settled(user)


def test_thresholds_are_suggested_from_what_was_judged_and_taken_by_one_button(user: User) -> None:
    _judge(user, good=6, bad=6)
    offer = panel(user).offer
    user.qtbot.mouseClick(offer.button, LEFT)
    user.until(lambda: offer.button.text() == "Use these")
    assert offer.words.text() == (
        "From 6 predictions that you kept and 6 that you rejected: red 70 %."
    )
    user.qtbot.mouseClick(offer.button, LEFT)
    user.until(lambda: "red 0.6" not in shown(user))
    red = user.session.classes[0].id
    assert confidence(user).thresholds == Thresholds(0.5, {red: 0.7})
    user.until(lambda: in_file(user, 1) == 2)
    assert offer.button.text() == "Suggest from what I judged"
    assert not offer.words.isVisible()


def test_with_fewer_than_ten_judged_it_says_what_to_do(user: User) -> None:
    _judge(user, good=5, bad=4)
    offer = panel(user).offer
    offer.button.setFocus()
    user.qtbot.keyClick(offer.button, Qt.Key.Key_Space)
    user.until(lambda: "accept or reject 10 predictions" in offer.words.text())
    assert offer.button.text() == "Suggest from what I judged"
