"""What the session does for assisted drawing: ahead of the first click, and around a download."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import AppError
from gui.main_window import MainWindow
from gui.session.assist import Readiness
from gui.session.model_download import DOWNLOAD_TOPIC
from gui.session.own_weights import own_engine
from tests.gui.assisted_hand import AssistedHand


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., AssistedHand]]:
    hands: list[AssistedHand] = []

    def make(model: str = "efficientsam:10m") -> AssistedHand:
        hands.append(AssistedHand(qtbot, tmp_path, model=model))
        return hands[-1]

    yield make
    for hand in hands:
        hand.close()


def images(hand: AssistedHand) -> list[str]:
    return [one["image"] for one in hand.asked if one["job"] == "assist"]


def downloading(hand: AssistedHand) -> AssistedHand:
    hand.take("assist_points")
    hand.answer("Download")
    hand.until(lambda: hand.assist.readiness is Readiness.DOWNLOADING)
    return hand


# Ahead


def test_nothing_is_asked_before_a_tool_is_taken(made: Callable[..., AssistedHand]) -> None:
    hand = made()
    hand.show("b.jpg")

    assert hand.assist.readiness is Readiness.UNASKED
    assert hand.asked == []


def test_the_open_image_is_embedded_and_then_the_next(made: Callable[..., AssistedHand]) -> None:
    hand = made()
    hand.show("a.jpg")
    hand.take("assist_box")
    hand.until(lambda: len(images(hand)) == 2)

    assert images(hand) == ["/photos/a.jpg", "/photos/b.jpg"]
    assert all(not one["points"] and one["box"] is None for one in hand.asked)


def test_another_image_is_embedded_when_it_opens(made: Callable[..., AssistedHand]) -> None:
    hand = made()
    hand.take("assist_box")
    hand.until(lambda: len(images(hand)) == 2)
    hand.show("c.jpg")
    hand.until(lambda: len(images(hand)) == 3)

    assert images(hand)[-1] == "/photos/c.jpg"


def test_from_tool_to_tool_the_model_stays_ready(made: Callable[..., AssistedHand]) -> None:
    hand = made()
    hand.take("assist_box")
    hand.canvas.set_tool("assist_points")
    hand.until(lambda: hand.assist.readiness is Readiness.READY)
    hand.canvas.set_tool("select")

    assert hand.assist.readiness is Readiness.UNASKED


def test_another_model_of_the_settings_looks_anew(made: Callable[..., AssistedHand]) -> None:
    hand = made()
    hand.take("assist_points")
    hand.settings.set("assist_model", "sam2:latest")
    hand.until(lambda: any(one["model"] == "sam2:latest" for one in hand.asked))

    assert hand.assist.readiness in (Readiness.LOOKING, Readiness.READY)


# The download


def test_a_model_is_downloaded_only_when_a_person_says_so(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made("sam2:tiny")
    hand.take("assist_points")

    assert hand.assist.readiness is Readiness.MISSING
    assert [one["job"] for one in hand.asked] == ["assist"]
    assert dict(hand.notices[-1].answers).keys() == {"Download"}


def test_a_download_shows_size_speed_and_a_way_to_stop_it(
    made: Callable[..., AssistedHand],
) -> None:
    hand = downloading(made("sam2:tiny"))

    assert hand.assist.words == (
        "Downloading SAM 2.1 tiny, licence Apache License 2.0: 12 of 40 MB, 2.0 MB/s, 14 s left."
    )
    assert hand.notices[-1].sentence == (
        "Downloading SAM 2.1 tiny, licence Apache License 2.0 (40 MB): needed once, and kept on"
        " this machine."
    )
    assert dict(hand.notices[-1].answers).keys() == {"Cancel"}


def test_after_a_download_the_image_is_embedded(made: Callable[..., AssistedHand]) -> None:
    hand = downloading(made("sam2:tiny"))
    hand.go()
    hand.until(lambda: hand.assist.readiness is Readiness.READY)

    assert DOWNLOAD_TOPIC in hand.answered
    assert hand.assist.words == ""


def test_a_download_that_is_cancelled_begins_again_with_a_click(
    made: Callable[..., AssistedHand],
) -> None:
    hand = downloading(made("sam2:tiny"))
    hand.answer("Cancel")
    hand.until(lambda: hand.assist.readiness is Readiness.MISSING)
    assert hand.canvas.hint == "The download was cancelled. A click begins it again."

    hand.click(100, 100)
    hand.until(lambda: hand.assist.readiness is Readiness.DOWNLOADING)
    hand.go()
    hand.until_answered()
    hand.key(Qt.Key.Key_Return)
    assert len(hand.labels.instances) == 1


def test_cancelling_a_download_lets_no_click_that_waits_begin_it_again(
    made: Callable[..., AssistedHand],
) -> None:
    hand = downloading(made("sam2:tiny"))
    hand.click(100, 100)
    hand.assist.cancel_download()
    hand.until(lambda: hand.assist.readiness is Readiness.MISSING)

    assert not hand.assist.is_asked
    assert [one["job"] for one in hand.asked] == ["assist", "assist_fetch"]


@pytest.mark.parametrize("tool", ["select", "assist_box"])
def test_a_download_goes_on_while_another_tool_is_taken(
    made: Callable[..., AssistedHand], tool: str
) -> None:
    hand = downloading(made("sam2:tiny"))
    hand.canvas.set_tool(tool)
    assert hand.assist.readiness is Readiness.DOWNLOADING
    hand.go()
    hand.until(lambda: hand.assist.readiness is not Readiness.DOWNLOADING)

    hand.take("assist_points")
    hand.until(lambda: hand.assist.readiness is Readiness.READY)


def test_a_click_during_a_download_is_answered_after_it(
    made: Callable[..., AssistedHand],
) -> None:
    hand = downloading(made("sam2:tiny"))
    hand.click(100, 100)
    hand.click(150, 100)
    hand.key(Qt.Key.Key_Return)
    hand.go()
    hand.until(lambda: len(hand.labels.instances) == 1)

    assert hand.box_of() == [60, 60, 140, 140]


def test_what_failed_is_tried_again_by_the_answer_of_the_notice(
    made: Callable[..., AssistedHand],
) -> None:
    hand = made("sam2:small")
    hand.take("assist_points")
    n_asked = len(hand.asked)
    hand.answer("Try again")
    hand.until(lambda: len(hand.asked) == n_asked + 1)

    assert hand.asked[-1]["job"] == "assist_fetch"


# The own weights


def test_the_weights_of_the_window_outline_in_a_box(opened: MainWindow) -> None:
    session = opened.session

    config = own_engine(session.settings, session.model, session.gpu_turn)

    assert (config.weights, config.engine) == ("fake", "fake")


def test_without_weights_it_is_said_what_to_do(opened: MainWindow) -> None:
    session = opened.session
    session.settings.set("weights", "")

    with pytest.raises(AppError, match="No weights are chosen yet"):
        own_engine(session.settings, session.model, session.gpu_turn)


def test_an_engine_that_cannot_is_named(opened: MainWindow) -> None:
    session = opened.session
    session.settings.set("engine", "detectron2")

    with pytest.raises(AppError, match="cannot outline in a box"):
        own_engine(session.settings, session.model, session.gpu_turn)


# In the window


def test_the_window_hands_the_assistant_to_its_canvas(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["assist_points_tool"].trigger()

    assist = opened.session.assist
    qtbot.waitUntil(
        lambda: assist.readiness in (Readiness.MISSING, Readiness.READY), timeout=20_000
    )
    assert opened.tool_strip.hint.text()
