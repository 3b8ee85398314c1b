"""What screenshots.py takes pictures of: SHOTS, of which each row says how it comes to be seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
from _film import Film, drag_a_vertex, pillow_image
from _tool_shots import TOOLS, Hand
from PIL import Image
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QTabWidget, QToolButton, QWidget

from core.configs import TrainConfig
from core.events import Metrics
from core.run_folder import runs_of
from core.types import Problem
from gui.dialogs.crash import CrashDialog
from gui.dialogs.problems import ProblemsDialog
from gui.main_window import MainWindow
from gui.widgets.notices import Notice

SCHEMES = ("light", "dark")
ON_THE_FRONT_PAGE = ("annotate-corrected", "page-train", "page-live", "dialog-class-map")
"""Of the README: these are kept at 200 percent too."""
_FIRST_ITERATIONS, _ITERATIONS = 110, 200
_REST = 4  # looks of the tour: until everything that follows from a change is painted
_LONG_REST = 25  # until a child has answered

Steps = Iterator[Callable[[], bool]]


@dataclass(slots=True)
class Scene:
    """The window that pictures are taken of, and where they go."""

    window: MainWindow
    place: Path
    """An empty folder that both scales share."""
    root: Path
    scale: int
    film: Film = field(default_factory=Film)

    def act(self, name: str) -> None:
        """Does what an action of the window does."""
        self.window.actions_by_name[name].trigger()

    def is_at_rest(self) -> bool:
        """Whether no run goes on, everything is saved, and an image is shown."""
        session = self.window.session
        is_open = session.document is not None and session.document.key == session.key
        is_running = any(run.is_going for run in session.work.runs)
        return is_open and session.is_all_saved and not is_running and not session.is_looking

    def picture(self, widget: QWidget, name: str, scheme: str) -> None:
        """Writes what a widget looks like."""
        suffix = "" if self.scale == 1 else f"@{self.scale}x"
        is_kept = self.scale == 1 or name in ON_THE_FRONT_PAGE
        folder = self.root / ("docs" if is_kept else "build") / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        # 256 colours chosen for the widest range: a median would lose those of small things
        few = pillow_image(widget).quantize(
            256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
        )
        few.save(folder / f"{name}-{scheme}{suffix}.png", optimize=True)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture in both schemes."""

    name: str
    show: Callable[[Scene], Steps]
    """Brings it about; the topmost dialog is taken, or the window where there is none."""
    needs_the_loop: bool = False
    """Whether it is only there while the loop is worked through, at 100 percent."""
    rest: int = _REST
    """Looks of the tour before each picture; the one before holds everything up."""


def tour(scene: Scene) -> Steps:
    """Every shot, one after the other."""
    yield scene.window.isVisible
    yield from _rest()
    for shot in SHOTS:
        if shot.needs_the_loop and scene.scale > 1:
            continue
        yield from shot.show(scene)
        yield from _rest()
        for scheme in SCHEMES:
            scene.window.session.settings.set("theme", scheme)
            yield from _rest(shot.rest)
            scene.picture(_topmost(scene.window), shot.name, scheme)
        scene.window.session.settings.set("theme", "light")
        for dialog in scene.window.findChildren(QDialog):
            dialog.close()
        yield from _rest()
    if scene.scale == 1:
        scene.film.write(scene.root / "docs" / "screenshots" / "loop.webp")


def _topmost(window: MainWindow) -> QWidget:
    dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
    return dialogs[-1] if dialogs else window


def _rest(n_looks: int = _REST) -> Steps:
    for _ in range(n_looks):
        yield lambda: True


def _nothing(_scene: Scene) -> Steps:
    yield lambda: True


def _by_action(name: str) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        scene.act("page_annotate")
        yield from _rest()
        scene.act(name)
        yield from _rest(_LONG_REST)

    return show


# The loop


def _first_round(scene: Scene) -> Steps:
    """Opens the demo; a first fine-tune that is too short; an image pre-labelled and corrected."""
    session, window, film = scene.window.session, scene.window, scene.film
    if scene.scale > 1:
        session.open_folder(scene.place / "maskloop" / "demo" / "project")
        yield scene.is_at_rest
        return
    window.show_demo()
    yield lambda: session.document is not None
    yield scene.is_at_rest
    session.work.start_training(TrainConfig(folder="", iterations=_FIRST_ITERATIONS, device="cpu"))
    yield lambda: session.work.training is not None
    yield scene.is_at_rest
    session.use_weights(Path(session.work.runs[-1].run_folder))
    yield from _rest(_LONG_REST)
    yield from _prelabel_all(scene)
    surest = _surest(scene)
    scene.act("take_back_prelabel")
    yield from _rest(_LONG_REST)
    session.open_image(surest)
    yield scene.is_at_rest
    _drop_notices(scene)
    yield from _rest()
    film.add(window, seconds=1.2)
    scene.act("prelabel_image")
    yield lambda: session.work.runs[-1].title == f"Pre-label {surest}"
    yield scene.is_at_rest
    _drop_notices(scene)
    yield from _rest()
    film.add(window, seconds=1.5)
    yield from drag_a_vertex(window, film)
    scene.act("accept_all")
    yield from _rest()
    film.add(window, seconds=0.8)


def _second_round(scene: Scene) -> Steps:
    """Done and next, and a fine-tune that is long enough, until its middle."""
    session, window, film = scene.window.session, scene.window, scene.film
    scene.act("done_and_next")
    yield scene.is_at_rest
    film.add(window, seconds=0.8)
    session.work.start_training(
        TrainConfig(folder="", iterations=_ITERATIONS, evaluate_every=40, device="cpu")
    )
    yield lambda: session.work.training is not None
    seen: list[float] = []
    session.work.runs[-1].reported.connect(lambda event: _take_iteration(event, seen))
    while not seen or seen[-1] < _ITERATIONS / 2:
        yield from _rest(20)
        film.watch(window)


def _take_iteration(event: object, seen: list[float]) -> None:
    if isinstance(event, Metrics):
        seen.append(event.iteration)


def _fine_tune_done(scene: Scene) -> Steps:
    window, film = scene.window, scene.film
    while not scene.is_at_rest():
        yield from _rest(20)
        film.watch(window)
    yield from _rest(_LONG_REST)
    film.add_watched(9, seconds=0.3)
    film.add(window, seconds=1.5)


def _annotate(scene: Scene) -> Steps:
    """Predictions of the second model, where it is surest."""
    session, window = scene.window.session, scene.window
    assert session.project is not None
    if scene.scale > 1:
        session.use_weights(runs_of(session.project.labels_folder)[0].path)
    else:
        session.use_weights(Path(session.work.runs[-1].run_folder))
        yield from _rest(_LONG_REST)
        yield from _prelabel_all(scene)
    session.open_image(_surest(scene))
    yield scene.is_at_rest
    _drop_notices(scene)
    yield from _rest(_LONG_REST)
    window.canvas.setFocus()
    scene.film.add(window, seconds=2.5)


def _prelabel_all(scene: Scene) -> Steps:
    runs = scene.window.session.work.runs
    n_before = len(runs)
    scene.act("prelabel_all")
    yield lambda: len(runs) > n_before
    yield scene.is_at_rest
    yield from _rest(_LONG_REST)


def _surest(scene: Scene) -> str:
    """The image of several predictions whose least sure one is the surest."""
    project = scene.window.session.project
    assert project is not None
    summaries = {key: project.summary(key) for key in project.keys}
    several = {key: one.least_score or 0 for key, one in summaries.items() if one.n_predicted > 1}
    return max(several, key=lambda key: several[key], default=project.keys[-1])


def _drop_notices(scene: Scene) -> None:
    notices = scene.window.notices
    for close_button in notices.findChildren(QToolButton):
        close_button.click()


# Tools


def _tool(name: str) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        scene.act("page_annotate")
        hand = Hand(scene.window)
        hand.leave()  # what the picture before has left
        _drop_notices(scene)
        yield from _rest()
        yield from TOOLS[name](hand)
        yield from _rest()

    return show


# Pages


def _train_page(scene: Scene) -> Steps:
    scene.act("page_train")
    yield from _rest(_LONG_REST)


def _page(name: str) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        _drop_notices(scene)
        scene.act(f"page_{name}")
        yield from _rest(2 * _LONG_REST)

    return show


def _dock(name: str) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        yield from _annotate_again(scene)
        scene.window.docks[name].show()
        scene.window.docks[name].raise_()
        yield from _rest(_LONG_REST)

    return show


def _evaluate_page(scene: Scene) -> Steps:
    session = scene.window.session
    scene.act("page_evaluate")
    page = scene.window.pages.page("evaluate")
    yield from _rest(_LONG_REST)
    page.bar.weights.set_weights(session.settings.text("weights"), "The second fine-tune")
    page.bar.weights.changed.emit(session.settings.text("weights"))
    yield page.bar.start_button.isEnabled
    page.bar.start_button.click()
    yield from _rest()
    yield page.saving.report_button.isVisible
    yield from _rest(_LONG_REST)


def _evaluate_tab(number: int) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        scene.act("page_evaluate")
        scene.window.pages.page("evaluate").view.tabs.setCurrentIndex(number)
        yield from _rest(2 * _LONG_REST)

    return show


def _live_page(scene: Scene) -> Steps:
    session = scene.window.session
    scene.act("page_live")
    page = scene.window.pages.page("live")
    page.source.choose_path(_video(scene))
    if not page.source.loop.isChecked():
        page.source.loop.click()
    yield from _rest()
    scene.act("live_start_stop")
    yield lambda: session.live.picture is not None


def _video(scene: Scene) -> Path:
    """A small film that goes slowly over the image of the demo with most to see."""
    session = scene.window.session
    assert session.project is not None
    image = cv2.imread(str(session.project.image_path(session.key)))
    large = cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    width, height = 640, 480
    file = scene.place / "conveyor.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (width, height))
    top = (large.shape[0] - height) // 2
    for left in range(large.shape[1] - width):
        writer.write(large[top : top + height, left : left + width])
    writer.release()
    return file


# Dialogs


def _annotate_again(scene: Scene) -> Steps:
    if scene.window.session.live.is_going:
        scene.act("live_start_stop")
    scene.act("page_annotate")
    yield from _rest()


def _class_dialog(scene: Scene) -> Steps:
    yield from _annotate_again(scene)
    scene.act("select_all")
    scene.act("change_class")
    yield from _rest()


def _of_panel(panel: str, ask: str) -> Callable[[Scene], Steps]:
    def show(scene: Scene) -> Steps:
        yield from _annotate_again(scene)
        getattr(scene.window.docks[panel].widget(), ask)()
        yield from _rest(_LONG_REST)

    return show


def _classes_dialog(scene: Scene) -> Steps:
    yield from _of_panel("classes", "ask_for_classes")(scene)
    field = _topmost(scene.window).findChild(QPlainTextEdit)
    assert field is not None
    field.setPlainText("jeans\nT-shirt\ndress, skirt")
    yield from _rest()


def _fine_tune_dialog(scene: Scene) -> Steps:
    yield from _by_action("fine_tune")(scene)
    labels = _topmost(scene.window).findChildren(QLabel)
    yield lambda: not any(label.text().startswith("Measuring") for label in labels)


def _settings_tab(scene: Scene) -> Steps:
    yield from _fine_tune_dialog(scene)
    tabs = _topmost(scene.window).findChild(QTabWidget)
    assert tabs is not None
    tabs.setCurrentIndex(1)
    yield from _rest(_LONG_REST)


def _problems(scene: Scene) -> Steps:
    ProblemsDialog(
        (
            Problem("holiday/IMG_2041.jpg", "The image is cut off: only a part of it is there."),
            Problem("notes.json", "This is no label file of labelme, and stays as it is."),
        ),
        scene.window,
    ).open()
    yield from _rest()


def _crash(scene: Scene) -> Steps:
    report = Path("/home/ada/.local/share/maskloop/crashes/crash_2026-11-21_101500.txt")
    CrashDialog(ZeroDivisionError("division by zero"), report, scene.window).open()
    yield from _rest()


def _notices(scene: Scene) -> Steps:
    scene.act("page_annotate")
    show = scene.window.notices.show_notice
    show(Notice("Pre-labelled 20 images: 53 predictions. The open image is not among them."))
    show(
        Notice(
            "The fine-tune of this morning stopped before it was done. Go on with it from its last"
            " checkpoint?",
            (("Go on", bool), ("Not now", bool)),
        )
    )
    show(Notice("The disk is full. Make room; then it is saved by itself.", is_warning=True))
    yield from _rest()


SHOTS = (
    Shot("start", _nothing),
    Shot("annotate-corrected", _first_round),
    Shot("fine-tune", _second_round, needs_the_loop=True),
    Shot("fine-tune-done", _fine_tune_done, needs_the_loop=True),
    Shot("annotate", _annotate),
    Shot("page-train", _train_page),
    Shot("page-evaluate", _evaluate_page),
    Shot("page-evaluate-curves", _evaluate_tab(1)),
    Shot("page-evaluate-confusion", _evaluate_tab(2)),
    Shot("page-review", _page("review")),
    Shot("page-rounds", _page("rounds")),
    Shot("page-progress", _page("progress")),
    Shot("page-compare", _page("compare")),
    Shot("panel-doubts", _dock("doubts")),
    Shot("panel-history", _dock("history")),
    *(Shot(f"tool-{name}", _tool(name)) for name in TOOLS),
    Shot("page-live", _live_page, rest=2 * _LONG_REST),  # frames enough for their rate
    Shot("dialog-class", _class_dialog),
    Shot("dialog-classes", _classes_dialog),
    Shot("dialog-weights", _of_panel("prelabel", "ask_for_weights")),
    Shot("dialog-class-map", _of_panel("prelabel", "ask_for_map")),
    Shot("dialog-fine-tune", _fine_tune_dialog),
    Shot("dialog-fine-tune-settings", _settings_tab),
    Shot("dialog-export", _by_action("export_coco")),
    Shot("dialog-export-model", _by_action("export_model")),
    Shot("dialog-compact-model", _by_action("compact_model")),
    Shot("dialog-pack", _by_action("pack_project")),
    Shot("dialog-palette", _by_action("command_palette")),
    Shot("dialog-shortcuts", _by_action("shortcuts")),
    Shot("dialog-settings", _by_action("settings")),
    Shot("dialog-problems", _problems),
    Shot("dialog-crash", _crash),
    Shot("notices", _notices),
)
