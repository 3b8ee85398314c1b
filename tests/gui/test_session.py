"""The session: what a person does is on the disk, and what is on the disk is seen."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import edits
from core.project import Project
from core.types import ImageState, Instance, InstanceState, Part, Split, new_instance_id
from gui.canvas.picture import picture_of
from gui.document import Document
from gui.session import Session
from gui.session.export_counts import export_count, image_counts
from gui.settings import Settings
from gui.widgets.notices import Notice

SQUARE = Part([[10, 10], [40, 10], [40, 40], [10, 40]])


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    session.class_list.add("blob")
    return session


def document_of(session: Session) -> Document:
    assert session.document is not None
    return session.document


def draw(session: Session) -> str:
    label_class = session.class_list.current
    assert label_class is not None
    drawn = Instance(new_instance_id(), label_class.id, (SQUARE,))
    document_of(session).edit("Draw", lambda now: edits.with_instance_added(now, drawn))
    return drawn.id


def shapes_in(path: Path) -> list[dict[str, object]]:
    shapes: list[dict[str, object]] = json.loads(path.read_text())["shapes"]
    return shapes


def go_to(qtbot: QtBot, session: Session, key: str) -> None:
    session.open_image(key)
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == key)


def saved(session: Session) -> Callable[[], bool]:
    return lambda: session.is_all_saved


def test_opening_a_folder_shows_its_first_image(opened: Session) -> None:
    assert list(opened.keys) == ["img_0.png", "img_1.png", "img_2.png"]
    assert document_of(opened).labels.size_hw == (90, 120)


def test_the_image_of_the_last_time_is_opened_again(
    qtbot: QtBot, opened: Session, settings: Settings, folder: Path
) -> None:
    go_to(qtbot, opened, "img_2.png")
    opened.close()
    again = Session(settings, prepare=picture_of)
    again.open_folder(folder)
    qtbot.waitUntil(lambda: again.document is not None)
    assert again.key == "img_2.png"
    again.close()


def test_another_folder_with_images_of_the_same_names_begins_at_its_first(
    qtbot: QtBot, opened: Session, folder: Path, tmp_path: Path
) -> None:
    go_to(qtbot, opened, "img_2.png")
    others = shutil.copytree(folder, tmp_path / "others")
    with qtbot.waitSignals([opened.project_changed, opened.document_changed]):
        opened.open_folder(others)
    qtbot.waitUntil(lambda: opened.document is not None)
    assert opened.key == "img_0.png"


def test_a_folder_that_is_not_there_is_told(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.asked) as asked:
        session.open_folder(Path("/no/such/folder"))
    assert "/no/such/folder" in asked.args[0].sentence
    assert "Ctrl+O" in asked.args[0].sentence
    assert session.project is None


def test_an_edit_is_saved_by_itself(qtbot: QtBot, opened: Session, folder: Path) -> None:
    draw(opened)
    assert not opened.is_all_saved
    qtbot.waitUntil(saved(opened))
    assert len(shapes_in(folder / "img_0.json")) == 1


def test_closing_writes_what_no_timer_has_written(
    opened: Session, settings: Settings, folder: Path
) -> None:
    draw(opened)
    opened.close()
    assert len(shapes_in(folder / "img_0.json")) == 1


def test_undo_is_kept_while_another_image_is_visited(qtbot: QtBot, opened: Session) -> None:
    draw(opened)
    go_to(qtbot, opened, "img_1.png")
    go_to(qtbot, opened, "img_0.png")
    document_of(opened).undo()
    assert document_of(opened).labels.instances == ()


def test_an_edit_is_in_the_journal_before_it_is_saved(
    qtbot: QtBot, settings: Settings, session: Session, folder: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    settings.set("autosave_idle_ms", 3_600_000)
    open_folder(folder)
    session.class_list.add("blob")
    instance_id = draw(session)
    journals = list((folder / ".maskloop" / "journal").glob("*.jsonl"))
    assert len(journals) == 1
    assert instance_id in journals[0].read_text()


def test_edits_that_a_killed_program_left_are_told_and_there(
    qtbot: QtBot, settings: Settings, folder: Path
) -> None:
    project = Project.open(folder)
    label_class = project.add_class("blob")
    loaded = project.read("img_0.png")
    drawn = Instance(new_instance_id(), label_class.id, (SQUARE,))
    after = edits.with_instance_added(loaded.labels, drawn)
    project.record_edit("img_0.png", loaded.labels, after, stamp=loaded.stamp)
    project._lock.release()  # type: ignore[union-attr]  # as the system does at kill -9
    session = Session(settings, prepare=picture_of)
    with qtbot.waitSignal(session.asked) as asked:
        session.open_folder(folder)
    sentence = asked.args[0].sentence
    assert sentence.startswith("Maskloop did not close well last time.")
    assert "1 edit that was not in a label file yet, of img_0.png" in sentence
    qtbot.waitUntil(lambda: session.document is not None)
    assert [one.id for one in document_of(session).labels.instances] == [drawn.id]
    session.close()


def test_a_failed_save_keeps_the_edit_and_is_told_once(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    asked: list[Notice] = []
    opened.asked.connect(asked.append)
    draw(opened)
    away = folder.rename(folder.with_name("unplugged"))
    with qtbot.waitSignal(opened.asked):
        opened.save_now()
    with qtbot.waitSignal(opened.saved_state_changed):
        opened.save_now()
    assert not opened.is_all_saved
    away.rename(folder)
    with qtbot.waitSignal(opened.answered, check_params_cb=lambda topic: topic == asked[0].topic):
        opened.save_now()
    qtbot.waitUntil(saved(opened))
    assert len(asked) == 1
    assert "Your edits are kept" in asked[0].sentence
    assert len(shapes_in(folder / "img_0.json")) == 1


def change_on_disk(folder: Path) -> None:
    file = folder / "img_0.json"
    content = json.loads(file.read_text())
    content["shapes"][0]["points"] = [[1, 1], [50, 1], [50, 50]]
    file.write_text(json.dumps(content))


def test_a_change_on_disk_shows_while_the_image_is_open(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    draw(opened)
    qtbot.waitUntil(saved(opened))
    with qtbot.waitSignal(opened.told):
        change_on_disk(folder)
    (instance,) = document_of(opened).labels.instances
    assert instance.parts[0].outer.tolist() == [[1, 1], [50, 1], [50, 50]]
    assert instance.state is InstanceState.EDITED


def conflict(
    qtbot: QtBot, session: Session, folder: Path, settings: Settings, *, draws_first: bool = True
) -> Notice:
    if draws_first:
        draw(session)
        qtbot.waitUntil(saved(session))
    asked: list[Notice] = []
    session.asked.connect(asked.append)
    change_on_disk(folder)  # nothing of the loop runs between this and the edit
    draw(session)
    qtbot.waitUntil(lambda: bool(asked))
    assert not session.is_all_saved
    return asked[0]


def answer(notice: Notice, text: str) -> None:
    dict(notice.answers)[text]()


def test_keeping_mine_saves_it_and_keeps_the_other_version(
    qtbot: QtBot, opened: Session, folder: Path, settings: Settings
) -> None:
    notice = conflict(qtbot, opened, folder, settings)
    answer(notice, "Keep mine")
    qtbot.waitUntil(saved(opened))
    assert len(shapes_in(folder / "img_0.json")) == 2
    kept = list((folder / ".maskloop" / "history" / "img_0.png").glob("*.json"))
    assert any(shapes_in(file)[0]["points"] == [[1, 1], [50, 1], [50, 50]] for file in kept)


def test_taking_theirs_can_be_undone(
    qtbot: QtBot, opened: Session, folder: Path, settings: Settings
) -> None:
    notice = conflict(qtbot, opened, folder, settings)
    mine = document_of(opened).labels
    answer(notice, "Take theirs")
    assert len(document_of(opened).labels.instances) == 1
    document_of(opened).undo()
    assert document_of(opened).labels.instances == mine.instances


def test_done_and_next_marks_the_image_and_goes_on(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    opened.done_and_next()
    qtbot.waitUntil(lambda: opened.key == "img_1.png" and opened.is_all_saved)
    assert opened.project is not None
    assert opened.project.summary("img_0.png").state is ImageState.DONE


def test_a_second_window_can_only_look(
    qtbot: QtBot, opened: Session, settings: Settings, folder: Path
) -> None:
    second = Session(settings, prepare=picture_of)
    told: list[str] = []
    second.told.connect(told.append)
    second.open_folder(folder)
    qtbot.waitUntil(lambda: second.document is not None and bool(told))
    document_of(second).edit("Done", lambda now: edits.with_image_state(now, ImageState.DONE))
    assert document_of(second).labels.state is ImageState.UNTOUCHED
    second.close()


def with_colours(session: Session) -> None:
    for name in ("red", "green", "blue"):
        session.class_list.add(name)


def test_prelabelling_the_open_image_is_one_undo_step(qtbot: QtBot, opened: Session) -> None:
    with_colours(opened)
    opened.prelabel_image()
    document = document_of(opened)
    qtbot.waitUntil(lambda: len(document.labels.instances) == 3, timeout=60_000)
    assert {one.state for one in document.labels.instances} == {InstanceState.PREDICTED}
    document.undo()
    assert document.labels.instances == ()


def test_prelabelling_all_leaves_done_images_alone_and_can_be_taken_back(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    with_colours(opened)
    opened.done_and_next()
    qtbot.waitUntil(lambda: document_of(opened).key == "img_1.png" and opened.is_all_saved)
    done = (folder / "img_0.json").read_bytes()
    opened.prelabel_all()
    (batch,) = opened.work.runs
    with qtbot.waitSignal(batch.ended, timeout=60_000):
        pass
    qtbot.waitUntil(lambda: (folder / "img_2.json").is_file() and opened.is_all_saved)
    assert (folder / "img_0.json").read_bytes() == done
    assert len(shapes_in(folder / "img_1.json")) == len(shapes_in(folder / "img_2.json")) == 3
    with qtbot.waitSignal(opened.told):
        opened.take_back_prelabel()
    qtbot.waitUntil(lambda: document_of(opened).labels.instances == ())
    assert not (folder / "img_2.json").exists()


def test_weights_that_do_not_load_are_told(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("weights", "fake:broken")
    with qtbot.waitSignal(opened.told, timeout=60_000) as told:
        opened.prelabel_image()
    assert told.args == ["These weights were told not to load."]


def test_without_weights_the_way_to_some_is_told(
    qtbot: QtBot, opened: Session, settings: Settings
) -> None:
    settings.set("weights", "")
    with qtbot.waitSignal(opened.told) as told:
        opened.prelabel_image()
    assert "fine-tune" in told.args[0]


def test_renaming_a_used_class_asks_and_then_rewrites_the_files(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    draw(opened)
    qtbot.waitUntil(saved(opened))
    (blob,) = opened.classes
    with qtbot.waitSignal(opened.asked) as asked:
        opened.class_list.rename(blob.id, "shirt")
    assert "1 label file" in asked.args[0].sentence
    assert [one.name for one in opened.classes] == ["blob"]
    with qtbot.waitSignal(opened.class_list.rewritten):
        answer(asked.args[0], "Rename")
    assert [one.name for one in opened.classes] == ["shirt"]
    assert shapes_in(folder / "img_0.json")[0]["label"] == "shirt"


def test_opening_the_open_folder_again_finds_new_images_and_stays_writable(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    draw(opened)
    (folder / "img_3.png").write_bytes((folder / "img_0.png").read_bytes())
    with qtbot.waitSignal(opened.images_changed):
        opened.open_folder(folder)
    assert "img_3.png" in opened.keys
    assert opened.project is not None
    assert not opened.project.read_only_reason
    assert len(document_of(opened).labels.instances) == 1


def test_going_back_to_a_folder_at_once_can_write_into_it(
    qtbot: QtBot, opened: Session, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(opened.project_changed):
        opened.open_folder(tmp_path / "other")
    with qtbot.waitSignal(opened.project_changed):
        opened.open_folder(folder)
    assert opened.project is not None
    assert not opened.project.read_only_reason


def test_an_image_joins_a_split_when_it_becomes_done(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    opened.done_and_next()
    qtbot.waitUntil(saved(opened))
    stored = json.loads((folder / "maskloop.json").read_text())
    assert set(stored["splits"]) == {"img_0.png"}


def test_done_images_of_another_program_have_a_split_and_classes_once_they_are_found(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    shape = {"label": "shirt", "points": [[10, 10], [40, 10], [40, 40]], "shape_type": "polygon"}
    for number in range(1, 3):
        theirs = {"shapes": [shape], "imagePath": f"img_{number}.png", "imageData": None}
        (folder / f"img_{number}.json").write_text(json.dumps(theirs))
    open_folder(folder)
    assert session.project is not None
    project = session.project
    qtbot.waitUntil(lambda: len(project.splits) == 2)
    images = image_counts(project)
    assert sum(export_count(images, state="all", split=one).n_images for one in Split) == 2
    assert [one.name for one in session.classes] == ["shirt"]


def test_a_label_file_that_another_program_changed_is_seen_when_the_folder_is_looked_through(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    opened.done_and_next()
    qtbot.waitUntil(lambda: document_of(opened).key == "img_1.png" and opened.is_all_saved)
    file = folder / "img_0.json"
    assert opened._folder is not None
    with qtbot.waitSignal(opened._folder.stock_taken):
        opened.look_again()
    file.write_text(file.read_text().replace('"done"', '"started"'))
    with qtbot.waitSignal(opened.image_changed) as changed:
        opened.look_again()
    assert changed.args == ["img_0.png"]


def prelabel_open_image(qtbot: QtBot, session: Session) -> None:
    session.prelabel_image()
    with qtbot.waitSignal(session.work.runs[-1].ended, timeout=60_000):
        pass
    qtbot.waitUntil(saved(session))


def session_after_restart(qtbot: QtBot, settings: Settings, folder: Path) -> Session:
    again = Session(settings, prepare=picture_of)
    with qtbot.waitSignals([again.images_changed, again.document_changed]):
        again.open_folder(folder)
    qtbot.waitUntil(lambda: again.document is not None)
    return again


def test_predictions_in_the_open_image_are_taken_back_after_a_restart(
    qtbot: QtBot, opened: Session, settings: Settings, folder: Path
) -> None:
    with_colours(opened)
    drawn = draw(opened)  # not saved yet when the predictions come
    prelabel_open_image(qtbot, opened)
    assert len(shapes_in(folder / "img_0.json")) > 1
    opened.close()
    again = session_after_restart(qtbot, settings, folder)
    with qtbot.waitSignal(again.told):
        again.take_back_prelabel()
    qtbot.waitUntil(lambda: len(document_of(again).labels.instances) == 1)
    assert [one.id for one in document_of(again).labels.instances] == [drawn]
    again.close()


def test_an_open_image_that_was_edited_after_its_predictions_is_named_and_left_alone(
    qtbot: QtBot, opened: Session, settings: Settings, folder: Path
) -> None:
    with_colours(opened)
    prelabel_open_image(qtbot, opened)
    draw(opened)
    opened.close()
    written = (folder / "img_0.json").read_bytes()
    again = session_after_restart(qtbot, settings, folder)
    with qtbot.waitSignal(again.told) as told:
        again.take_back_prelabel()
    assert "img_0.png" in told.args[0]
    assert (folder / "img_0.json").read_bytes() == written
    again.close()


def test_a_batch_in_the_open_image_is_taken_back_once_and_not_named(
    qtbot: QtBot, opened: Session, folder: Path
) -> None:
    with_colours(opened)
    prelabel_open_image(qtbot, opened)
    with qtbot.waitSignal(opened.told) as told:
        opened.take_back_prelabel()
    assert told.args == ["The pre-label was taken back in 1 image."]
    qtbot.waitUntil(lambda: document_of(opened).labels.instances == ())
    assert not (folder / "img_0.json").exists()
    assert not list((folder / ".maskloop" / "batches").iterdir())


def test_a_conflict_ends_when_the_other_program_takes_its_change_back(
    qtbot: QtBot, opened: Session, folder: Path, settings: Settings
) -> None:
    draw(opened)
    qtbot.waitUntil(saved(opened))
    before = (folder / "img_0.json").read_bytes()
    notice = conflict(qtbot, opened, folder, settings, draws_first=False)
    with qtbot.waitSignal(opened.answered) as answered:
        (folder / "img_0.json").write_bytes(before)
    assert answered.args == [notice.topic]
    qtbot.waitUntil(saved(opened))
    assert len(shapes_in(folder / "img_0.json")) == 2


def test_a_conflict_ends_when_the_edit_is_undone(
    qtbot: QtBot, opened: Session, folder: Path, settings: Settings
) -> None:
    notice = conflict(qtbot, opened, folder, settings)
    with qtbot.waitSignal(opened.answered) as answered:
        document_of(opened).undo()
    assert answered.args == [notice.topic]
    (instance,) = document_of(opened).labels.instances
    assert instance.parts[0].outer.tolist() == [[1, 1], [50, 1], [50, 50]]


def test_predictions_that_arrive_when_the_session_is_closed_are_not_looked_at(
    session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    left = session._folder
    assert left is not None
    session.close()
    left.prelabelling.image_changed.emit(left.key)
