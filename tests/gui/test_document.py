import gc
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from core import edits
from core.errors import AppError
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.document import Document


def square(x: float, y: float, instance_id: str) -> Instance:
    points = np.array([[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10]])
    return Instance(instance_id, 1, (Part(points),))


LABELS = ImageLabels((100, 200), (square(10, 10, "a"), square(50, 50, "b")))
MOVED = edits.with_instances_moved(LABELS, {"a"}, by_xy=(5.0, 0.0))


def moved_by(labels: ImageLabels, dx: float) -> ImageLabels:
    return edits.with_instances_moved(labels, {"a"}, by_xy=(dx, 0.0))


def test_undo_and_redo_give_the_very_same_values_back() -> None:
    document = Document("a.jpg", LABELS)

    document.apply("Move", MOVED)
    assert document.labels is MOVED
    document.undo()
    assert document.labels is LABELS
    document.redo()

    assert document.labels is MOVED


def test_a_change_names_the_ids_that_changed(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)

    with qtbot.waitSignal(document.changed) as change:
        document.apply("Move", MOVED)

    assert change.args == [frozenset({"a"})]


def test_labels_that_are_the_same_make_no_step(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)

    with qtbot.assertNotEmitted(document.changed):
        document.apply("Nothing", replace(LABELS))

    assert document.undo_stack.count() == 0


def test_edits_with_one_merge_key_are_one_step() -> None:
    document = Document("a.jpg", LABELS)

    for step in range(1, 5):
        document.apply("Nudge", moved_by(LABELS, step), merge_key="nudge a")

    assert document.undo_stack.count() == 1
    document.undo()
    assert document.labels is LABELS


def test_edits_with_other_merge_keys_are_steps_of_their_own() -> None:
    document = Document("a.jpg", LABELS)

    document.apply("Nudge", moved_by(LABELS, 1), merge_key="nudge a")
    document.apply("Nudge", moved_by(LABELS, 2), merge_key="nudge b")
    document.apply("Move", moved_by(LABELS, 3))
    document.apply("Move", moved_by(LABELS, 4))

    assert document.undo_stack.count() == 4


def test_a_merged_step_that_comes_back_to_its_start_is_none() -> None:
    document = Document("a.jpg", LABELS)

    document.apply("Nudge", moved_by(LABELS, 1), merge_key="nudge")
    document.apply("Nudge", LABELS, merge_key="nudge")

    assert document.undo_stack.count() == 0
    assert document.labels is LABELS


def test_a_refused_edit_leaves_the_labels_and_says_why(qtbot: QtBot) -> None:
    def refuse(_before: ImageLabels, _after: ImageLabels) -> None:
        raise AppError("The disk is full.")

    document = Document("a.jpg", LABELS, before_change=refuse)

    with qtbot.waitSignal(document.refused) as refusal, qtbot.assertNotEmitted(document.changed):
        document.apply("Move", MOVED)

    assert refusal.args == ["The disk is full."]
    assert document.labels is LABELS
    assert not document.undo_stack.canUndo()


def test_the_hook_sees_every_change_before_it_shows() -> None:
    seen: list[tuple[ImageLabels, ImageLabels, ImageLabels]] = []
    document = Document(
        "a.jpg", LABELS, before_change=lambda old, new: seen.append((old, new, document.labels))
    )

    document.apply("Move", MOVED)
    document.undo()
    document.redo()

    expected = [(LABELS, MOVED), (MOVED, LABELS), (LABELS, MOVED)]
    assert [(old, new) for old, new, _ in seen] == expected
    assert all(old is shown for old, _, shown in seen)


def test_an_undo_that_is_refused_changes_nothing(qtbot: QtBot) -> None:
    is_full = False

    def journal(_before: ImageLabels, _after: ImageLabels) -> None:
        if is_full:
            raise AppError("The disk is full.")

    document = Document("a.jpg", LABELS, before_change=journal)
    document.apply("Move", MOVED)
    is_full = True

    with qtbot.waitSignal(document.refused):
        document.undo()

    assert document.labels is MOVED
    assert document.undo_stack.canUndo()


def test_the_sentence_of_an_edit_that_cannot_be_made_is_reported(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)

    def fail(_labels: ImageLabels) -> ImageLabels:
        raise AppError("That cannot be done.")

    with qtbot.waitSignal(document.refused) as refusal:
        assert not document.edit("Fail", fail)

    assert refusal.args == ["That cannot be done."]


def test_it_is_dirty_until_its_labels_are_saved(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)
    with qtbot.waitSignal(document.saved_state_changed):
        document.apply("Move", MOVED)
    assert document.is_dirty

    with qtbot.waitSignal(document.saved_state_changed):
        document.mark_saved(MOVED)

    assert not document.is_dirty


def test_undoing_to_the_saved_labels_is_clean() -> None:
    document = Document("a.jpg", LABELS)

    document.apply("Move", MOVED)
    document.undo()

    assert not document.is_dirty


def test_saving_older_labels_leaves_it_dirty() -> None:
    document = Document("a.jpg", LABELS)
    document.apply("Move", MOVED)
    document.apply("Move", moved_by(MOVED, 1))

    document.mark_saved(MOVED)

    assert document.is_dirty


def test_a_step_is_not_merged_into_one_that_was_saved() -> None:
    document = Document("a.jpg", LABELS)
    document.apply("Nudge", MOVED, merge_key="nudge")
    document.mark_saved(MOVED)

    document.apply("Nudge", moved_by(MOVED, 1), merge_key="nudge")
    document.undo()

    assert document.labels is MOVED


def test_what_another_program_wrote_can_be_undone_and_counts_as_saved() -> None:
    document = Document("a.jpg", LABELS)

    document.replace_from_disk(MOVED)
    assert document.labels is MOVED
    assert not document.is_dirty
    document.undo()

    assert document.labels is LABELS
    assert document.is_dirty


def test_a_change_of_foreign_keys_on_disk_is_taken_over() -> None:
    theirs = replace(LABELS, foreign_keys='{"flags": {"blurred": true}}')
    document = Document("a.jpg", LABELS)

    document.replace_from_disk(theirs)

    assert document.labels is theirs


def test_only_instances_that_are_there_can_be_selected(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)

    with qtbot.waitSignal(document.selection_changed):
        document.select(["a", "gone"])

    assert document.selection == {"a"}


def test_selecting_the_same_again_is_no_change(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)
    document.select(["a"])

    with qtbot.assertNotEmitted(document.selection_changed):
        document.select(["a"])


def test_a_deleted_instance_is_no_longer_selected(qtbot: QtBot) -> None:
    document = Document("a.jpg", LABELS)
    document.select(["a", "b"])

    with qtbot.waitSignal(document.selection_changed):
        document.apply("Delete", edits.rejected(LABELS, {"a"}))

    assert document.selection == {"b"}


def test_a_change_of_the_images_state_is_a_step() -> None:
    document = Document("a.jpg", LABELS)

    document.apply("Done", edits.with_image_state(LABELS, ImageState.DONE))
    assert document.undo_stack.undoText() == "Done"
    document.undo()

    assert document.labels is LABELS


def test_steps_survive_the_garbage_collector() -> None:
    document = Document("a.jpg", LABELS)
    labels = LABELS
    for step in range(100):
        labels = moved_by(labels, 1.0 + step)
        document.apply("Move", labels)
        gc.collect(0)

    for _ in range(100):
        document.undo()

    assert document.labels is LABELS


@settings(max_examples=50)
@given(
    steps=st.lists(
        st.sampled_from(["move", "delete", "accept", "add", "undo", "redo", "class"]), max_size=20
    )
)
def test_undo_to_the_start_and_redo_to_the_end_are_the_same_values(steps: list[str]) -> None:
    predicted = replace(square(80, 20, "p"), state=InstanceState.PREDICTED, score=0.5)
    start = edits.with_instance_added(LABELS, predicted)
    document = Document("a.jpg", start)
    for number, step in enumerate(steps):
        _make(document, step, number)
    last = document.labels
    left = document.undo_stack.index()

    while document.undo_stack.canUndo():
        document.undo()
    assert document.labels is start
    for _ in range(left):
        document.redo()

    assert document.labels is last


def _make(document: Document, step: str, number: int) -> None:
    labels = document.labels
    ids = {instance.id for instance in labels.instances[:1]}
    if step == "undo":
        document.undo()
    elif step == "redo":
        document.redo()
    else:
        after = {
            "move": lambda: edits.with_instances_moved(labels, ids, by_xy=(1.0, 2.0)),
            "delete": lambda: edits.rejected(labels, ids),
            "accept": lambda: edits.all_accepted(labels),
            "add": lambda: edits.with_instance_added(labels, square(0, 0, f"new {number}")),
            "class": lambda: edits.with_class_changed(labels, ids, class_id=number),
        }[step]()
        document.apply(step, after, merge_key="move" if step == "move" else "")


@pytest.mark.parametrize("move", ["undo", "redo"])
def test_with_nothing_to_move_to_nothing_happens(move: str) -> None:
    document = Document("a.jpg", LABELS)

    getattr(document, move)()

    assert document.labels is LABELS


def test_steps_have_their_texts_and_times() -> None:
    document = Document("a.jpg", LABELS)
    before = datetime.now(UTC)
    document.apply("Move", MOVED)
    document.apply("Move again", moved_by(MOVED, 2))
    document.undo()

    assert [step.text for step in document.steps] == ["Move", "Move again"]
    times = [before, *(step.made_at for step in document.steps), datetime.now(UTC)]
    assert times == sorted(times)


def test_going_to_a_step_is_one_edit_on_the_disk_and_the_others_stay() -> None:
    recorded: list[tuple[ImageLabels, ImageLabels]] = []
    document = Document("a.jpg", LABELS, before_change=lambda *edit: recorded.append(edit))
    states = [LABELS]
    for n in range(4):
        document.apply(f"Move {n}", moved_by(document.labels, 1))
        states.append(document.labels)
    recorded.clear()

    for number in (1, 3, 0, 4, 4):
        document.go_to_step(number)
        assert document.labels is states[number]
        assert document.undo_stack.index() == number

    assert recorded == [
        (states[4], states[1]), (states[1], states[3]), (states[3], LABELS), (LABELS, states[4])
    ]  # fmt: skip
    with pytest.raises(IndexError):
        document.go_to_step(5)


def test_a_step_that_is_refused_is_not_gone_to(qtbot: QtBot) -> None:
    refuses = [False]

    def check(_before: ImageLabels, _after: ImageLabels) -> None:
        if refuses[0]:
            raise AppError("No.")

    document = Document("a.jpg", LABELS, before_change=check)
    document.apply("Move", MOVED)
    refuses[0] = True
    with qtbot.waitSignal(document.refused):
        document.go_to_step(0)
    assert document.labels is MOVED
    assert document.undo_stack.index() == 1


def test_going_over_many_steps_shows_the_last_one_alone(qtbot: QtBot) -> None:
    document = Document("a.png", ImageLabels((90, 120), (square(10, 10, "a"),)))
    for _ in range(5):
        document.edit("Move", lambda labels: moved_by(labels, 1))
    shown: list[frozenset[str]] = []
    document.changed.connect(shown.append)
    expected = moved_by(ImageLabels((90, 120), (square(10, 10, "a"),)), 1)

    document.go_to_step(1)

    assert shown == [frozenset({"a"})]
    assert document.labels == expected
