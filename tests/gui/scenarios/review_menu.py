"""The menu Review."""

from PySide6.QtCore import Qt

from core.doubts import DoubtKind
from core.predictions import PredictedBy, Predictions, PredictionStore, image_stamp
from core.types import ImageState, Instance, InstanceState, Part
from gui.dialogs.classes import ClassDialog
from gui.pages.review import ReviewPage
from gui.pages.rounds import RoundsPage
from gui.panels.doubts import DoubtsPanel
from tests.gui.user import User


def next_image(user: User) -> None:
    user.click("next_image")
    user.until_on("img_1.png")
    assert user.window.status.image.text().startswith("Image 2 of 3")


def previous_image(user: User) -> None:
    user.session.open_image("img_2.png")
    user.until_on("img_2.png")
    user.press("previous_image")
    user.until_on("img_1.png")


def done_and_next(user: User) -> None:
    first = user.document
    user.press("done_and_next")
    assert first.labels.state is ImageState.DONE
    user.until_on("img_1.png")


def accept_done_and_next(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    first = user.document
    user.press("accept_done_and_next")
    assert first.labels.state is ImageState.DONE
    assert first.labels.instances[0].state is InstanceState.ACCEPTED
    user.until_on("img_1.png")
    first.undo()
    assert first.labels.instances[0].state is InstanceState.PREDICTED


def next_needed(user: User) -> None:
    user.session.open_image("img_1.png")
    user.until_on("img_1.png")
    user.add(InstanceState.PREDICTED)
    user.press("done_and_next")  # asks, as a prediction is left
    user.press("next_needed")
    user.until_on("img_2.png")
    user.press("done_and_next")
    user.press("next_needed")
    user.until_on("img_0.png")
    user.press("done_and_next")
    user.press("next_needed")
    user.until_on("img_1.png")
    user.press("accept_all")
    user.press("done_and_next")
    user.press("next_needed")
    user.until(lambda: user.told[-1].startswith("Nothing is left to look at"))


def accept(user: User) -> None:
    other, one = user.add(InstanceState.PREDICTED), user.add(InstanceState.PREDICTED, x=60)
    user.press("accept")
    assert user.document.labels.instance(one).state is InstanceState.ACCEPTED
    assert user.document.labels.instance(other).state is InstanceState.PREDICTED


def accept_all(user: User) -> None:
    user.add(InstanceState.PREDICTED)
    user.add(InstanceState.PREDICTED, x=60)
    user.click("accept_all")
    assert {one.state for one in user.instances} == {InstanceState.ACCEPTED}


def reject(user: User) -> None:
    one = user.add(InstanceState.PREDICTED)
    user.press("reject")
    assert user.instances == ()
    assert [instance.id for instance in user.document.labels.rejected] == [one]


def change_class(user: User) -> None:
    user.add()
    user.press("change_class")
    dialog = user.child(ClassDialog)
    user.write("green", dialog.name)
    user.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert user.instances[0].class_id == user.session.classes[1].id


def next_instance(user: User) -> None:
    right, left = user.add(InstanceState.PREDICTED, x=60), user.add(InstanceState.PREDICTED)
    user.document.select(())
    for expected in (left, right, left):
        user.press("next_instance")
        assert user.document.selection == {expected}


def previous_instance(user: User) -> None:
    left, right = user.add(), user.add(x=60)
    user.document.select(())
    for expected in (right, left, right):
        user.press("previous_instance")
        assert user.document.selection == {expected}


def show_rejected(user: User) -> None:
    one = user.add(InstanceState.PREDICTED)
    user.press("reject")
    overlay = user.window.canvas.rejected
    user.press("show_rejected")
    assert overlay.shown_ids == {one}
    user.press("show_rejected")
    assert overlay.shown_ids == set()


def restore_rejected(user: User) -> None:
    several = {user.add(InstanceState.PREDICTED), user.add(InstanceState.PREDICTED, x=60)}
    user.document.select(several)
    user.press("reject")
    user.press("restore_rejected")
    assert {one.id for one in user.instances} == several
    assert {one.state for one in user.instances} == {InstanceState.PREDICTED}
    assert user.document.labels.rejected == ()
    assert user.document.selection == several


def find_doubts(user: User) -> None:
    user.add(x=10)
    user.add(x=11)
    user.until(lambda: user.session.is_all_saved)
    user.press("find_doubts")
    panel = user.child(DoubtsPanel)
    user.until(lambda: [one.kind for one in panel.model.doubts] == [DoubtKind.DOUBLE])


def go_there(user: User) -> None:
    one = user.add()
    user.document.select(())
    user.until(lambda: user.session.is_all_saved)
    user.window.pages.show_page("review")
    user.until(lambda: user.child(ReviewPage).grid.count == 1)
    user.press("go_there")
    assert user.window.pages.current == "annotate"
    assert user.document.selection == {one}


def flicker(user: User) -> None:
    project = user.session.project
    assert project is not None
    store, stamp = PredictionStore(project.hidden_folder), image_stamp(user.folder / "img_0.png")
    part = Part([[10, 10], [50, 10], [50, 50], [10, 50]])
    seen = Instance("seen", 1, (part,), state=InstanceState.PREDICTED, score=0.9)
    for weights, instances in (("old.pth", ()), ("new.pth", (seen,))):
        by = PredictedBy(weights, "1", {}, ("red",))
        store.keep(Predictions("img_0.png", stamp, (90, 120), by, instances))
    user.window.pages.show_page("rounds")
    page = user.child(RoundsPage)
    user.until(lambda: bool(page.table.shown))
    user.press("flicker")
    assert page.pair_bar.is_flicker
    assert page.panes.titles["flicker"].text() == "Old: old.pth. Space shows the other one."
    user.press("flicker")
    assert page.panes.titles["flicker"].text() == "New: new.pth. Space shows the other one."
