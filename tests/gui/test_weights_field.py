"""What a person can choose weights from."""

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.engines import all_engines
from gui.widgets.weights_field import WeightsField


def test_everything_that_is_published_is_offered(qtbot: QtBot) -> None:
    field = WeightsField({"none": "From scratch"})
    qtbot.addWidget(field)
    offered = [field.choices.itemData(row) for row in range(field.choices.count())]
    names = [one.name for one in all_engines()["maskrcnn"].published()]
    assert offered == ["none", *names]


def test_where_weights_only_predict_those_of_every_engine_are_offered(qtbot: QtBot) -> None:
    field = WeightsField({"": "Choose weights"}, only_predicts=True)
    qtbot.addWidget(field)
    offered = [field.choices.itemData(row) for row in range(field.choices.count())]
    engines = all_engines()
    of_two = [*engines["maskrcnn"].published(), *engines["torchvision"].published()]
    assert offered == ["", *(one.name for one in of_two)]


def test_own_weights_stand_before_the_published_ones(qtbot: QtBot) -> None:
    field = WeightsField({"none": "From scratch"})
    qtbot.addWidget(field)
    field.offer("/runs/two/best.pth")
    field.offer("/runs/one/best.pth")
    offered = [field.choices.itemData(row) for row in range(4)]
    published = all_engines()["maskrcnn"].published()
    assert offered == ["none", "/runs/two/best.pth", "/runs/one/best.pth", published[0].name]
    assert field.weights == "none"


@pytest.mark.parametrize(("only_predicts", "offers"), [(True, True), (False, False)])
def test_networks_are_among_the_files_where_weights_only_predict(
    qtbot: QtBot, *, only_predicts: bool, offers: bool
) -> None:
    field = WeightsField({}, only_predicts=only_predicts)
    qtbot.addWidget(field)
    field.file_button.click()
    (dialog,) = field.findChildren(QFileDialog)
    assert ("*.onnx" in dialog.nameFilters()[0]) is offers
    dialog.close()


def test_weights_that_are_not_offered_are_added_by_their_file_and_folder(qtbot: QtBot) -> None:
    field = WeightsField({})
    qtbot.addWidget(field)
    field.set_weights("/runs/one/best.pth")
    assert field.weights == "/runs/one/best.pth"
    assert field.choices.currentText() == "one/best.pth"


def test_a_title_that_is_known_later_is_shown(qtbot: QtBot) -> None:
    field = WeightsField({})
    qtbot.addWidget(field)
    field.set_weights("/runs/one/best.pth")
    field.offer("/runs/one/best.pth", "Run of 1 Jan")
    assert field.choices.currentText() == "Run of 1 Jan"


def test_what_is_withdrawn_is_neither_offered_nor_chosen(qtbot: QtBot) -> None:
    field = WeightsField({"": "Choose weights"})
    qtbot.addWidget(field)
    for weights in ("/runs/one/best.pth", "/runs/two/best.pth"):
        field.set_weights(weights)
    field.withdraw("/runs/one/best.pth")
    assert field.choices.findData("/runs/one/best.pth") < 0
    assert field.weights == "/runs/two/best.pth"
    field.withdraw("/runs/two/best.pth")
    assert field.weights == ""


def test_a_field_that_does_not_ask_for_a_file_says_that_more_is_wanted(qtbot: QtBot) -> None:
    field = WeightsField({}, asks_for_file=False)
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.more_wanted):
        field.file_button.click()
