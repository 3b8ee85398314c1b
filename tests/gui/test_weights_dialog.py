"""The dialog that offers weights: what it lists, and what it says of a row before it is used."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.devices import Device, DeviceReport, Finding
from core.engines import all_engines
from gui.dialogs.weights import WeightsDialog
from gui.session import Session
from gui.session.weights import WeightsChoice, use
from gui.settings import Settings

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(folder: Path) -> Path:
    """A finished run of the folder."""
    made = folder / ".maskloop" / "runs" / "2026-01-31_235959_train"
    made.mkdir(parents=True)
    (made / "config.json").write_text(json.dumps({"job": "train", "config": {}}))
    ap = {"after": {"bbox": {"AP": 65.8}, "segm": {"AP": 61.2}}}
    (made / "evaluation.json").write_text(json.dumps(ap))
    shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", made / "best.pth")
    return made


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Weights of which the fake engine, as that of another format would, knows nothing."""
    return Path(shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "mine.pth"))


@pytest.fixture
def opened(session: Session, folder: Path, open_folder: Callable[[Path], None]) -> Session:
    open_folder(folder)
    return session


@pytest.fixture
def show(qtbot: QtBot, opened: Session) -> Iterator[Callable[[], WeightsDialog]]:
    shown: list[WeightsDialog] = []

    def show_it() -> WeightsDialog:
        dialog = WeightsDialog(opened)
        shown.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield show_it
    for dialog in shown:
        if isValid(dialog):
            dialog.close()


def rows(dialog: WeightsDialog) -> dict[str, list[list[str]]]:
    """The texts of the rows below each heading that is shown."""
    found: dict[str, list[list[str]]] = {}
    for place in range(dialog.list.topLevelItemCount()):
        group = dialog.list.topLevelItem(place)
        if group is not None and not group.isHidden():
            children = [group.child(row) for row in range(group.childCount())]
            found[group.text(0)] = [_texts(one) for one in children if one is not None]
    return found


def _texts(item: QTreeWidgetItem) -> list[str]:
    return [item.text(column) for column in range(6)]


def report_of(*names: str) -> DeviceReport:
    """What computes on a machine with these devices, the best first."""
    devices = tuple(Device(name, name) for name in names)
    return DeviceReport(devices, Finding("Device", "ok", ""))


def test_runs_published_ones_and_files_are_listed_with_ap_and_size(
    qtbot: QtBot, run: Path, mine: Path, opened: Session, settings: Settings,
    show: Callable[[], WeightsDialog],
) -> None:  # fmt: skip
    settings.set("engine", "maskrcnn")
    use(settings, WeightsChoice(str(mine)))
    dialog = show()
    qtbot.waitUntil(lambda: "Runs of this folder" in rows(dialog))
    listed = rows(dialog)
    assert list(listed) == [
        "Runs of this folder", "Files", "Published, for outlines", "Published, for boxes alone",
    ]  # fmt: skip
    assert listed["Runs of this folder"] == [
        ["Run of 31 Jan 2026, 23:59", "61.2", "65.8", "2.5 MB", "", "here"]
    ]
    assert listed["Published, for outlines"][0] == [
        "Mask R-CNN R50, LSJ 400 epochs", "42.5", "47.4", "185 MB", "CC BY-SA 3.0",
        "downloaded at first use",
    ]  # fmt: skip
    assert listed["Published, for boxes alone"][0] == [
        "Faster R-CNN R50, 3x", "n/a", "40.2", "167 MB", "CC BY-SA 3.0", "downloaded at first use",
    ]  # fmt: skip
    n_published = sum(len(of) for title, of in listed.items() if title.startswith("Published"))
    engines = all_engines()
    assert n_published == sum(
        len(engines[name].published()) for name in ("maskrcnn", "torchvision")
    )
    assert [row[0] for row in listed["Files"]] == [f"{mine.parent.name}/mine.pth"]


def test_the_head_of_a_column_sorts_each_group_by_it(
    qtbot: QtBot, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("engine", "maskrcnn")
    dialog = show()

    def shown(column: int) -> list[float]:
        header = dialog.list.header()
        at = QPoint(header.sectionViewportPosition(column) + 4, header.height() // 2)
        qtbot.mouseClick(header.viewport(), LEFT, pos=at)
        listed = rows(dialog)["Published, for outlines"]
        return [float(row[column].removesuffix(" MB")) for row in listed]

    by_ap, the_other_way, by_size = shown(1), shown(1), shown(3)
    assert by_ap == sorted(by_ap, reverse=True)
    assert the_other_way == sorted(by_ap)
    assert by_size == sorted(by_size)
    assert list(rows(dialog))[-2:] == ["Published, for outlines", "Published, for boxes alone"]


@pytest.mark.parametrize(
    ("devices", "short_title", "name"),
    [
        (("cpu",), "Mask R-CNN R50, 3x", "mask_rcnn_R_50_FPN_3x"),
        (("cuda:0", "cpu"), "Mask R-CNN R50, LSJ 400 epochs", "mask_rcnn_R_50_FPN_400ep_LSJ"),
    ],
)
def test_what_to_take_here_is_said_and_is_the_first_choice(
    devices: tuple[str, ...], short_title: str, name: str, opened: Session, settings: Settings,
    show: Callable[[], WeightsDialog],
) -> None:  # fmt: skip
    settings.set("engine", "maskrcnn")
    settings.set("weights", "")
    opened.model.engine.report = None
    dialog = show()
    opened.model.engine.report = report_of(*devices)
    opened.model.engine.devices_changed.emit()
    assert f"To begin with, take {short_title}: " in dialog.advice.text()
    assert dialog.choice == WeightsChoice(name)


def test_what_to_take_follows_the_device_of_the_settings(
    opened: Session, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "")
    settings.set("device", "cpu")
    opened.model.engine.report = report_of("cuda:0", "cpu")
    assert show().choice == WeightsChoice("mask_rcnn_R_50_FPN_3x")


def test_what_a_person_has_chosen_stays_chosen(
    opened: Session, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "mask_rcnn_R_101_FPN_3x")
    opened.model.engine.report = report_of("cpu")
    dialog = show()
    assert dialog.choice == WeightsChoice("mask_rcnn_R_101_FPN_3x")
    assert "Mask R-CNN R50, 3x" in dialog.advice.text()


def test_the_newest_run_goes_before_published_weights(
    qtbot: QtBot, run: Path, opened: Session, settings: Settings,
    show: Callable[[], WeightsDialog],
) -> None:  # fmt: skip
    settings.set("engine", "maskrcnn")
    settings.set("weights", "")
    opened.model.engine.report = report_of("cpu")
    dialog = show()
    qtbot.waitUntil(lambda: dialog.choice == WeightsChoice(str(run / "best.pth")))
    assert "newest run of this folder" in dialog.advice.text()


def test_nothing_is_advised_while_it_is_not_known_what_computes_here(
    opened: Session, show: Callable[[], WeightsDialog]
) -> None:
    opened.model.engine.report = None
    assert show().advice.isHidden()


def test_the_chosen_row_is_seen_when_its_fields_take_room(
    qtbot: QtBot, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("weights", "fasterrcnn_mobilenet_v3_large_fpn")  # the last of the list
    dialog = show()
    dialog.list.setCurrentItem(dialog.list.item_of("fasterrcnn_mobilenet_v3_large_fpn"))
    for height in (900, 420):
        dialog.resize(dialog.width(), height)
        row = dialog.list.visualItemRect(dialog.list.currentItem())
        qtbot.waitUntil(lambda row=row: dialog.list.viewport().rect().contains(row.center()))


def test_each_row_is_described_by_the_engine_that_can_compute_it(
    qtbot: QtBot, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("weights", "maskrcnn_resnet50_fpn_v2")
    dialog = show()
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=30_000)
    assert "torchvision's Mask R-CNN R50 v2" in dialog.about.text()


def test_published_weights_are_described_with_their_licence(
    qtbot: QtBot, opened: Session, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    settings.set("engine", "maskrcnn")
    settings.set("weights", "mask_rcnn_R_50_FPN_3x")
    dialog = show()
    assert dialog.fields.isHidden()
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=30_000)
    said = dialog.about.text()
    assert "80 classes: person, bicycle, car, motorcycle, airplane and 75 more." in said
    assert "downloads 178 MB" in said
    assert "CC BY-SA 3.0" in said
    assert "tie" in dialog.about.toolTip()


def test_names_that_are_typed_for_a_file_are_used(
    qtbot: QtBot, opened: Session, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    dialog = show()  # the fake engine's weights are a file that nothing publishes
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=30_000)
    assert "red, green, blue" in dialog.about.text()
    qtbot.keyClicks(dialog.fields.names, "jeans, coat, tie")
    assert not dialog.use_button.isEnabled()
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=30_000)
    assert "jeans, coat, tie" in dialog.about.text()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.use_button, LEFT)
    assert chosen.args[0] == WeightsChoice("fake", "", ("jeans", "coat", "tie"))


def test_what_cannot_be_used_is_said_and_cannot_be_chosen(
    qtbot: QtBot, tmp_path: Path, settings: Settings, show: Callable[[], WeightsDialog]
) -> None:
    (tmp_path / "mine.pth").write_bytes(b"of another format")
    use(settings, WeightsChoice(str(tmp_path / "mine.pth")))
    dialog = show()
    qtbot.waitUntil(lambda: "no weights named" in dialog.about.text(), timeout=30_000)
    assert not dialog.use_button.isEnabled()
    dialog.accept()
    assert dialog.isVisible()


def test_a_folder_without_runs_has_no_heading_for_them(
    qtbot: QtBot, opened: Session, show: Callable[[], WeightsDialog]
) -> None:
    dialog = show()
    assert "Runs of this folder" not in rows(dialog)


def test_class_names_come_from_a_file_too(
    qtbot: QtBot, opened: Session, tmp_path: Path, show: Callable[[], WeightsDialog]
) -> None:
    (tmp_path / "names.txt").write_text("a\nb\nc\n")
    dialog = show()
    dialog.fields.reader.start(tmp_path / "names.txt")
    qtbot.waitUntil(lambda: dialog.fields.class_names == ("a", "b", "c"), timeout=30_000)
    qtbot.waitUntil(dialog.use_button.isEnabled, timeout=30_000)
    assert "3 classes: a, b, c." in dialog.about.text()
