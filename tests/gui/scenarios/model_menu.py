"""The menu Model."""

from core.events import Finished
from core.types import InstanceState
from gui.dialogs.compact import CompactDialog
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.train import TrainDialog
from tests.gui.user import User


def prelabel_image(user: User) -> None:
    user.click("prelabel_image")
    user.until(lambda: bool(user.instances))
    assert {one.state for one in user.instances} == {InstanceState.PREDICTED}


def prelabel_all(user: User) -> None:
    user.press("prelabel_all")
    user.until(lambda: bool(user.session.work.runs) and not user.session.work.runs[-1].is_going)
    for key in user.session.keys:
        user.session.open_image(key)
        user.until_on(key)
        user.until(lambda: bool(user.instances))


def take_back_prelabel(user: User) -> None:
    drawn = user.add()
    user.press("prelabel_image")
    user.until(lambda: len(user.instances) > 1)
    user.until(lambda: not user.session.work.runs[-1].is_going)
    user.press("take_back_prelabel")
    user.until(lambda: [one.id for one in user.instances] == [drawn])


def fine_tune(user: User) -> None:
    user.click("fine_tune")
    assert user.child(TrainDialog).start_button.isVisible()


def export_model(user: User) -> None:
    user.press("export_model")
    dialog = user.child(ExportModelDialog)
    dialog.folder.line.setText(str(user.tmp_path / "model"))
    user.keys("Return", dialog.folder.line)
    # the fake engine's weights are no file, which the run says
    user.until(lambda: any("no weights at fake" in sentence for sentence in user.told))


def compact_model(user: User) -> None:
    user.press("compact_model")
    dialog = user.child(CompactDialog)
    dialog.folder.line.setText(str(user.tmp_path / "small"))
    user.keys("Return", dialog.folder.line)
    user.until(lambda: "no weights at fake" in dialog.words.text())


def cancel_run(user: User) -> None:
    user.press("prelabel_all")
    user.press("cancel_run")
    (run,) = user.session.work.runs
    user.until(lambda: not run.is_going)
    assert isinstance(run.last, Finished)
    assert run.last.was_cancelled
