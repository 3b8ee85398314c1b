"""What a person can choose weights from."""

from pytestqt.qtbot import QtBot

from core.engines import all_engines
from gui.widgets.weights_field import WeightsField


def test_everything_that_is_published_is_offered(qtbot: QtBot) -> None:
    field = WeightsField({"none": "From scratch"})
    qtbot.addWidget(field)
    offered = [field.choices.itemData(row) for row in range(field.choices.count())]
    names = [one.name for one in all_engines()["maskrcnn"].published()]
    assert offered == ["none", *names]


def test_another_engine_offers_its_own_where_the_others_stood(qtbot: QtBot) -> None:
    field = WeightsField({"none": "From scratch"})
    qtbot.addWidget(field)
    field.offer("/runs/one/best.pth")
    field.set_weights("/runs/one/best.pth")
    field.offer_published_of("torchvision")
    offered = [field.choices.itemData(row) for row in range(field.choices.count())]
    names = [one.name for one in all_engines()["torchvision"].published()]
    assert offered == ["none", *names, "/runs/one/best.pth"]
    assert field.weights == "/runs/one/best.pth"
    field.set_weights(names[0])
    field.offer_published_of("maskrcnn")
    assert field.weights == "none"


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
