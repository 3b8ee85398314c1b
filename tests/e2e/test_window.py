"""Twice around the loop in the real window, with the real engine in its own process."""

from collections.abc import Callable
from pathlib import Path

from pycocotools import mask
from pycocotools.coco import COCO
from PySide6.QtCore import QPoint

from core.run_folder import RunFolder
from core.types import ImageState, InstanceState
from gui.dialogs.class_map import ClassMapDialog
from gui.dialogs.export import ExportDialog
from gui.panels.confidence import ConfidencePanel
from gui.panels.training import TrainingPanel
from gui.session.batch_run import Batch
from tests.e2e.conftest import GOLDEN
from tests.e2e.steps import (
    PATIENCE_S,
    answer_by_key,
    asked_of_workers,
    choose_weights,
    drag_vertex,
    ended,
    label_files,
    largest,
    map_class,
    prelabel_all,
    shapes_in,
    start_fine_tune,
    to_canvas,
    until_written,
)
from tests.gui.user import LEFT, User

WEIGHTS_KNOW = ("disc", "square", "star", "blob", "bar")
FOLDER_HAS = ("coin", "tile")


def _choose_and_map_weights(user: User) -> None:
    """The golden weights; their squares are tiles, their blobs and stars are coins."""
    for name in FOLDER_HAS:
        user.session.class_list.add(name)
    choose_weights(user, GOLDEN / "mask_rcnn_tiny.pth", WEIGHTS_KNOW)
    user.until(lambda: bool(user.window.findChildren(ClassMapDialog)), timeout_s=PATIENCE_S)
    map_class(user, "square", n_down=2)
    map_class(user, "star", n_down=1)
    map_class(user, "blob", n_down=1)
    dialog = user.child(ClassMapDialog)
    assert dialog.count.text() == "3 of 5 classes are used."
    user.keys("Return", dialog.search)
    user.until(lambda: sum(map(bool, user.session.model.targets.values())) == 3)


def _draw_a_box(user: User) -> None:
    """Something of a person's own, before any model: its file is there and not the model's."""
    to_canvas(user)
    user.keys("1")
    user.press("box_tool")
    user.drag((5, 5), (30, 30))
    user.press("save")
    user.press("select_tool")
    user.until(lambda: user.session.is_all_saved)


def _prelabel_and_take_back(user: User) -> None:
    """Nothing unmapped is written; one key brings back every byte."""
    before = label_files(user.folder)
    assert len(before) == 1
    prelabel_all(user)
    assert len(label_files(user.folder)) == len(user.session.keys)
    states = {(shape["label"], shape["maskloop"]["state"]) for shape in shapes_in(user.folder)}
    assert states == {("coin", "drawn"), ("coin", "predicted"), ("tile", "predicted")}
    assert tuple(one.name for one in user.session.classes) == FOLDER_HAS

    user.press("take_back_prelabel")
    user.until(lambda: label_files(user.folder) == before)
    user.until(lambda: len(user.instances) == 1)


def _prelabel_again_and_move_the_threshold(user: User, worker_log: Path) -> None:
    """What the weights saw is kept: neither needs the model."""
    n_asked = len(asked_of_workers(worker_log, "prelabel"))
    assert n_asked > 0
    run = prelabel_all(user)
    assert isinstance(run, Batch)
    assert run.n_known == len(user.session.keys)
    sure, n_sure = label_files(user.folder), len(user.instances)
    panel = user.window.docks["confidence"].widget()
    assert isinstance(panel, ConfidencePanel)
    user.window.docks["confidence"].raise_()
    panel.slider.setFocus()
    user.keys("Home", panel.slider)
    assert panel.value.text() == "5 %"
    user.until(lambda: any(" 5 % " in one for one in user.told))  # in all images, that is
    until_written(user)
    now = label_files(user.folder)
    grown = [name for name in sure if len(now[name]) > len(sure[name])]
    assert len(grown) == 5  # in the sixth the model was unsure of nothing
    user.press("take_back_prelabel", user.window.canvas)
    user.until(lambda: panel.value.text() == "50 %" and label_files(user.folder) == sure)
    user.until(lambda: len(user.instances) == n_sure)
    assert len(asked_of_workers(worker_log, "prelabel")) == n_asked
    to_canvas(user)


def _correct_by_mouse(user: User) -> str:
    """Drags a vertex: one step, which goes back and forth to the same values."""
    document, before = user.document, user.document.labels
    corrected = largest([one for one in user.instances if not one.is_of_person])
    document.select([corrected.id])
    drag_vertex(user, corrected, QPoint(18, 12))
    after = document.labels
    assert after.instance(corrected.id).state is InstanceState.EDITED
    assert after.instance(corrected.id).parts != corrected.parts
    user.press("undo")
    assert document.labels == before
    user.press("redo")
    assert document.labels == after
    return corrected.id


def _review_all_but_the_last(user: User, *, corrected: str) -> str:
    """Accept all, done and next; the key of the one image that stays as it was predicted."""
    project, keys = user.session.project, list(user.session.keys)
    assert project is not None
    for number, key in enumerate(keys[:-1]):
        user.until_on(key)
        if number == 1:  # goes on too soon: what is left is asked about, and answered by key
            user.press("done_and_next")
            user.until(lambda: any("that nobody looked at" in one for one in user.told))
            answer_by_key(user, "Accept and go on")
        else:
            user.press("accept_all")
            user.press("done_and_next")
        user.until(lambda key=key: project.summary(key).state is ImageState.DONE)
    user.until_on(keys[-1])
    user.until(lambda: user.session.is_all_saved)
    shapes = [shape["maskloop"] for shape in shapes_in(user.folder)]
    assert {one["id"]: one["state"] for one in shapes}[corrected] == "edited"
    assert [key for key in keys if project.summary(key).n_predicted] == keys[-1:]
    return keys[-1]


def _export(user: User, file: Path) -> COCO:
    n_runs = len(user.session.work.runs)
    user.press("export_coco")
    dialog = user.child(ExportDialog)
    dialog.file.setText(str(file))
    user.until(dialog.export_button.isEnabled)
    user.keys("Return", dialog.file)
    user.until(lambda: len(user.session.work.runs) > n_runs)
    ended(user, user.session.work.runs[-1])
    to_canvas(user)
    return COCO(str(file))


def _learn_and_use(user: User, rest: str) -> None:
    """One click takes the new weights; the image that is left gets what they see, no other."""
    rest_file = Path(rest).with_suffix(".json").name
    done = {name: data for name, data in label_files(user.folder).items() if name != rest_file}
    run = start_fine_tune(user, iterations=4)
    panel = user.window.docks["training"].widget()
    assert isinstance(panel, TrainingPanel)
    assert "AP" in ended(user, run).result["after"]["segm"]
    user.until(panel.use_button.isVisible)
    n_runs = len(user.session.work.runs)
    user.qtbot.mouseClick(panel.use_button, LEFT)
    user.until(lambda: len(user.session.work.runs) > n_runs)
    ended(user, user.session.work.runs[-1])
    to_canvas(user)
    confidence = user.session.confidence
    user.until(lambda: confidence is not None and confidence.n_hidden > 0 and not user.instances)
    answer_by_key(user, "Show them")  # so short a fine-tune is sure of nothing

    new_weights = f"{Path(run.run_folder).name}/{RunFolder(Path(run.run_folder)).best_weights.name}"
    user.until(lambda: {one.source for one in user.instances} == {new_weights})
    assert {one.state for one in user.instances} == {InstanceState.PREDICTED}
    until_written(user)
    now = label_files(user.folder)
    assert new_weights in now.pop(rest_file).decode()
    assert now == done


def test_twice_around_the_loop(
    open_window: Callable[[Path], User], photos: Path, worker_log: Path, tmp_path: Path
) -> None:
    user = open_window(photos)
    _choose_and_map_weights(user)
    _draw_a_box(user)
    _prelabel_and_take_back(user)
    _prelabel_again_and_move_the_threshold(user, worker_log)
    corrected = _correct_by_mouse(user)
    rest = _review_all_but_the_last(user, corrected=corrected)

    coco = _export(user, tmp_path / "coco.json")
    assert sorted(one["name"] for one in coco.cats.values()) == sorted(FOLDER_HAS)
    assert len(coco.imgs) == 5
    persons = [one for one in shapes_in(photos) if one["maskloop"]["state"] != "predicted"]
    assert len(coco.anns) == len({one["maskloop"]["id"] for one in persons})
    assert all(mask.area(coco.annToRLE(one)) > 0 for one in coco.anns.values())
    _learn_and_use(user, rest)
