"""A folder of thirty images, from the pre-label to the COCO file, without a mouse.

The real worker with the fake engine, whose predictions are a function of the pixels: what has to be
corrected is known, and every key is counted.
"""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.project import Project
from core.types import ImageState, InstanceState
from gui.dialogs.export import ExportDialog
from gui.settings import Settings
from tests.gui.user import User

_IMAGES = 30
_RED, _GREEN = (40, 40, 200), (40, 180, 40)  # BGR
_DIRT_IN = frozenset(range(3, _IMAGES, 7))
"""A speck that the model takes for an object."""
_WRONG_IN = frozenset(range(5, _IMAGES, 9))
"""A red object that is meant to be green."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A red disc in each image, and what makes some of them need a hand."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(_IMAGES):
        pixels = np.full((90, 120, 3), 230, np.uint8)
        cv2.circle(pixels, (40, 60), 15, _RED, -1)
        if number in _DIRT_IN:
            cv2.circle(pixels, (90, 20), 6, _GREEN, -1)
        cv2.imwrite(str(photos / f"img_{number:02}.png"), pixels)
    Settings(tmp_path / "settings.ini").set("engine", "fake")
    Settings(tmp_path / "settings.ini").set("weights", "fake")
    return photos


class Hand:
    """Presses keys, and counts them."""

    def __init__(self, user: User) -> None:
        self._user = user
        self.n_keys = 0

    def press(self, keys: str) -> None:
        self._user.keys(keys)
        self.n_keys += 1


def _review(user: User, hand: Hand) -> list[int]:
    """Goes through all images; how many keys each took."""
    taken = []
    for number in range(_IMAGES):
        user.until_on(f"img_{number:02}.png")
        before = hand.n_keys
        if number in _DIRT_IN:  # as a page is read, the speck is the first
            hand.press("N")
            hand.press("X")
        if number in _WRONG_IN:
            hand.press("N")
            hand.press("2")
        hand.press("Shift+F")
        taken.append(hand.n_keys - before)
    return taken


def test_thirty_images_are_reviewed_with_one_key_each_but_where_something_is_wrong(
    open_window: Callable[[Path], User], folder: Path
) -> None:
    user = open_window(folder)
    user.session.class_list.add("red")
    user.session.class_list.add("green")
    hand = Hand(user)

    hand.press("Ctrl+Shift+R")
    user.until(lambda: len(user.session.summaries) == _IMAGES)
    user.until(lambda: all(one.n_predicted for one in user.session.summaries.values()))
    user.window.canvas.setFocus()
    taken = _review(user, hand)

    for number, n_keys in enumerate(taken):
        assert n_keys == 1 + 2 * (number in _DIRT_IN) + 2 * (number in _WRONG_IN)
    user.until(lambda: user.session.is_all_saved)
    _export_by_keyboard(user, hand)
    user.window.close()
    _check_labels(folder)
    _check_file(user.tmp_path / "out.json")


def _export_by_keyboard(user: User, hand: Hand) -> None:
    hand.press("Ctrl+E")
    dialog = user.child(ExportDialog)
    dialog.file.setFocus()
    user.keys("Ctrl+A", on=dialog.file)
    user.write(str(user.tmp_path / "out.json"), into=dialog.file)
    user.until(dialog.export_button.isEnabled)
    user.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    user.until((user.tmp_path / "out.json").exists)


def _check_labels(folder: Path) -> None:
    project = Project.open(folder)
    try:
        list(project.scan())
        ids = {one.name: one.id for one in project.classes}
        for number, key in enumerate(project.keys):
            labels = project.read(key).labels
            assert labels.state is ImageState.DONE
            (one,) = labels.instances
            is_wrong = number in _WRONG_IN
            assert one.class_id == ids["green" if is_wrong else "red"]
            assert one.state is (InstanceState.EDITED if is_wrong else InstanceState.ACCEPTED)
            assert len(labels.rejected) == (number in _DIRT_IN)
    finally:
        project.close()


def _check_file(file: Path) -> None:
    coco = json.loads(file.read_text())
    names = {one["id"]: one["name"] for one in coco["categories"]}
    counts = [names[one["category_id"]] for one in coco["annotations"]]
    assert len(coco["images"]) == _IMAGES
    assert counts.count("green") == len(_WRONG_IN)
    assert counts.count("red") == _IMAGES - len(_WRONG_IN)
