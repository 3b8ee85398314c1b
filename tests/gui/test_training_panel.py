"""The fine-tune dock: what goes on, how it ended, and what is done with what came out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.events import Failed, Finished, Metrics, Noted, Progress
from gui.dialogs.export_model import ExportModelDialog
from gui.dialogs.train import TrainDialog
from gui.panels.training import TrainingPanel
from gui.runs import ProcessRun
from gui.session import Session
from gui.settings import Settings
from tests.gui.lessons import AFTER, BEFORE, add_run
from tests.gui.scripted import SCRIPTED

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED


@pytest.fixture
def panel(
    qtbot: QtBot, session: Session, folder: Path, open_folder: Callable[[Path], None]
) -> TrainingPanel:
    open_folder(folder)
    session.class_list.add("red")
    made = TrainingPanel(session)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    return made


def training(*events: object, wants: str = "", run_folder: str = "") -> ProcessRun:
    said = [
        {"event": type(event).__name__}
        | {name: getattr(event, name) for name in event.__dataclass_fields__}  # type: ignore[attr-defined]
        for event in events
    ]
    config = {"says": said, "wants": wants}
    return ProcessRun("train", config, run_folder, title="Fine-tune", command=SCRIPTED)


def ended_with(qtbot: QtBot, session: Session, result: dict[str, Any]) -> None:
    run = training(Finished(result))
    session.run_started.emit(run)
    with qtbot.waitSignal(run.ended):
        pass


def test_losses_rate_and_ap_are_plotted_and_what_it_says_is_logged(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    run = training(
        Noted("Learning."),
        Metrics(1, {"total_loss": 2.0, "lr": 0.1}),
        Metrics(2, {"total_loss": 1.0, "lr": 0.1}),
        Metrics(2, {"segm/AP": 30.0}),
        Progress(2, 10, "iterations", 90.0),
        wants="patience",
    )
    session.run_started.emit(run)
    qtbot.waitUntil(lambda: panel.progress.value() == 2)
    assert panel.curves.points_of("total_loss") == ([1, 2], [2.0, 1.0])
    assert panel.curves.points_of("lr") == ([1, 2], [0.1, 0.1])
    assert panel.curves.points_of("segm/AP") == ([2], [30.0])
    assert panel.log.toPlainText() == "Learning."
    assert panel.status.text() == "2 of 10 iterations, 90 s left. You can go on labelling."
    with qtbot.waitSignal(run.ended):
        qtbot.mouseClick(panel.cancel_button, LEFT)
    assert "Cancelled" in panel.status.text()
    assert panel.start_button.isEnabled()


def test_the_end_shows_ap_before_and_after_for_each_class(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": BEFORE, "after": AFTER})
    assert "Mask AP 12.3 → 46.1, Box AP 50.0 → 40.0" in panel.status.text()
    table = panel.table
    assert table.text_at("AP", "Mask before") == "12.3"
    assert table.text_at("AP", "Mask after") == "46.1 (best)"
    assert table.text_at("AP", "Box before") == "50.0 (best)"
    assert table.text_at("green", "Mask after") == "n/a"
    assert table.text_at("APs", "Box after") == "n/a"


def test_one_button_uses_the_new_weights_and_labels_the_rest(
    qtbot: QtBot, session: Session, panel: TrainingPanel, settings: Settings
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": BEFORE, "after": AFTER})
    assert panel.use_button.font().bold()
    qtbot.mouseClick(panel.use_button, LEFT)
    assert Path(settings.text("weights")) == Path("/runs/one/best.pth")
    qtbot.waitUntil(lambda: any(r.title.startswith("Pre-label") for r in session.work.runs))


def test_the_weights_can_be_used_without_a_pre_label(
    qtbot: QtBot, session: Session, panel: TrainingPanel, settings: Settings
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": BEFORE, "after": AFTER})
    qtbot.mouseClick(panel.use_only_button, LEFT)
    assert Path(settings.text("weights")) == Path("/runs/one/best.pth")
    assert session.work.runs == []


def test_weights_that_got_worse_are_not_pushed(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": AFTER, "after": BEFORE})
    assert "It got worse: the weights it began with are the better ones." in panel.status.text()
    assert not panel.use_button.font().bold()


def test_a_run_that_stopped_early_says_so_and_which_weights_it_kept(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    result = {
        "run": "/runs/one", "before": BEFORE, "after": AFTER,
        "iterations": 1200, "settings": {"iterations": 4000},
        "best_iteration": 900, "best_is_mean": True,
    }  # fmt: skip
    ended_with(qtbot, session, result)
    said = panel.status.text()
    assert "Stopped early after iteration 1,200 of 4,000: AP rose no more." in said
    assert said.endswith("Kept is the running mean of the weights at iteration 900.")


def test_a_run_to_its_end_says_which_weights_it_kept(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    result = {
        "run": "/runs/one", "before": BEFORE, "after": AFTER,
        "iterations": 4000, "settings": {"iterations": 4000}, "best_iteration": 3900,
    }  # fmt: skip
    ended_with(qtbot, session, result)
    assert panel.status.text().endswith("40.0. Kept are the weights of iteration 3,900.")


def test_no_image_to_measure_on_is_said_instead_of_an_ap(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": None, "after": None})
    assert "there is no AP" in panel.status.text()
    assert panel.table.rowCount() == 0


def test_the_new_weights_can_be_exported(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    ended_with(qtbot, session, {"run": "/runs/one", "before": BEFORE, "after": AFTER})
    qtbot.mouseClick(panel.export_button, LEFT)
    (dialog,) = panel.findChildren(ExportModelDialog)
    assert Path(dialog.weights.weights) == Path("/runs/one/best.pth")
    dialog.close()


@pytest.mark.parametrize("wants", ["patience", "death"])
def test_a_run_that_was_cancelled_or_died_goes_on_by_a_button(
    qtbot: QtBot, session: Session, panel: TrainingPanel, folder: Path, wants: str
) -> None:
    kept = add_run(folder)
    run = training(wants=wants, run_folder=str(kept.path))
    session.run_started.emit(run)
    with qtbot.waitSignal(run.ended):
        run.cancel() if wants == "patience" else None
    assert "Resume goes on from its last checkpoint" in panel.status.text()
    qtbot.mouseClick(panel.resume_button, LEFT)
    (resumed,) = session.work.runs
    with qtbot.waitSignal(resumed.ended):
        pass
    assert isinstance(resumed.last, Finished)
    assert resumed.last.result["job"]["run"] == str(kept.path)


def test_what_a_run_was_told_is_listed(
    qtbot: QtBot, session: Session, panel: TrainingPanel, folder: Path
) -> None:
    config = TrainConfig(folder=str(folder), weights="patience", iterations=77)
    run = ProcessRun("train", config, title="Fine-tune", command=SCRIPTED)
    session.run_started.emit(run)
    shown = panel.view.settings.findItems("Iterations", Qt.MatchFlag.MatchExactly)
    assert [item.text(1) for item in shown] == ["77"]
    with qtbot.waitSignal(run.ended):
        run.cancel()


def test_a_run_that_goes_on_keeps_its_curves_up_to_its_checkpoint(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    for values in ((1.0, 2.0, 3.0), (20.0, 30.0, 40.0)):
        first = 1 if values[0] == 1.0 else 2
        steps = [Metrics(first + n, {"total_loss": one}) for n, one in enumerate(values)]
        run = training(*steps, Finished(was_cancelled=True), run_folder="/runs/one")
        session.run_started.emit(run)
        with qtbot.waitSignal(run.ended):
            pass
    assert panel.curves.points_of("total_loss") == ([1, 2, 3, 4], [1.0, 20.0, 30.0, 40.0])


def test_a_run_of_an_earlier_window_goes_on_with_its_curves(
    qtbot: QtBot, session: Session, panel: TrainingPanel, folder: Path
) -> None:
    kept = add_run(
        folder, events=(Noted("Learning."), *(Metrics(n, {"total_loss": 9.0}) for n in (1, 2, 3)))
    )
    session.work.resume(kept.path)
    (resumed,) = session.work.runs
    resumed.reported.emit(Noted("Going on after iteration 2."))
    resumed.reported.emit(Metrics(3, {"total_loss": 1.0}))
    with qtbot.waitSignal(resumed.ended):
        pass
    qtbot.waitUntil(lambda: "Going on" in panel.log.toPlainText())
    assert panel.curves.points_of("total_loss") == ([1, 2, 3], [9.0, 9.0, 1.0])
    assert panel.log.toPlainText() == "Learning.\nGoing on after iteration 2."


def test_weights_that_come_out_for_another_folder_are_not_offered_here(
    qtbot: QtBot, session: Session, panel: TrainingPanel, folder: Path, tmp_path: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    run = training(wants="patience")
    session.run_started.emit(run)
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(session.project_changed):
        session.open_folder(tmp_path / "other")
    with qtbot.waitSignal(run.ended):
        run._take(Finished({"run": "/runs/one", "before": BEFORE, "after": AFTER}))
    assert not panel.use_button.isVisible()
    assert panel.status.text().endswith(
        f"Open {folder} again to use the new weights: its Train page has them."
    )
    run.cancel()


def test_a_run_that_left_no_checkpoint_cannot_go_on(
    qtbot: QtBot, session: Session, panel: TrainingPanel
) -> None:
    run = training(Failed("The weights cannot be read."))
    session.run_started.emit(run)
    with qtbot.waitSignal(run.ended):
        pass
    assert panel.status.text() == "The weights cannot be read."
    assert not panel.resume_button.isVisible()


def test_the_dialog_opens_from_the_panel(qtbot: QtBot, panel: TrainingPanel) -> None:
    qtbot.mouseClick(panel.start_button, LEFT)
    (dialog,) = panel.findChildren(TrainDialog)
    dialog.reject()


def test_what_was_of_another_folder_goes_with_it(
    qtbot: QtBot, session: Session, panel: TrainingPanel, tmp_path: Path,
    open_folder: Callable[[Path], None],
) -> None:  # fmt: skip
    ended_with(qtbot, session, {"run": "/runs/one", "before": BEFORE, "after": AFTER})
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(session.project_changed):
        session.open_folder(tmp_path / "other")
    assert not panel.use_button.isVisible()
    assert panel.status.text().startswith("Nothing was fine-tuned yet.")
