"""The newest frame counts, a folder waits, a camera comes back; no second passes here."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.errors import AppError
from core.events import Noted
from core.live.capture import Capture, Captured, Clock, Opened, Said
from core.live.sources import Ended, Given
from core.types import Problem
from tests.core.live.made import QuickClock, ScriptedSource, opening

LONG_S = 30.0

Watch = Callable[..., Capture]


def frame(value: int) -> np.ndarray:
    return np.full((2, 3, 3), value, np.uint8)


def value_of(said: Said | None) -> int:
    assert isinstance(said, Captured)
    return int(said.rgb[0, 0, 0])


def all_of(capture: Capture) -> Iterator[Said]:
    """What is said, to the end."""
    while True:
        said = capture.take(timeout_s=LONG_S)
        assert said is not None
        yield said
        if isinstance(said, Ended):
            return


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Captures that are closed at the end."""
    made: list[Capture] = []

    def begin(
        *sources: ScriptedSource | AppError, is_looped: bool = False, clock: Clock | None = None
    ) -> Capture:
        capture = Capture(opening(*sources), is_looped=is_looped, clock=clock or QuickClock())
        made.append(capture)
        capture.play()
        return capture

    yield begin
    for capture in made:
        capture.close()


def test_of_the_frames_that_nobody_took_the_newest_stays(watch: Watch) -> None:
    are_read = threading.Event()

    def last() -> Given:
        are_read.set()
        return Ended("Over.")

    capture = watch(ScriptedSource([frame(1), frame(2), frame(3), last]))
    assert are_read.wait(LONG_S)
    opened, captured, ended = all_of(capture)
    assert opened == Opened("Scripted", 0.0)
    assert value_of(captured) == 3
    assert isinstance(captured, Captured)
    assert captured.number == 2
    assert ended == Ended("Over.")
    assert capture.n_frames == 3


def test_a_folder_waits_and_drops_nothing(watch: Watch) -> None:
    source = ScriptedSource(
        [frame(1), frame(2), frame(3)], interval_s=0.1, is_every_frame_shown=True
    )
    said = list(all_of(watch(source)))
    assert [value_of(one) for one in said[1:-1]] == [1, 2, 3]


def test_a_video_is_paced_by_its_own_time(watch: Watch) -> None:
    clock = QuickClock()
    source = ScriptedSource([frame(1), frame(2), frame(3)], interval_s=0.04)
    list(all_of(watch(source, clock=clock)))
    assert clock.waited_s == pytest.approx([0.0, 0.04, 0.04])


def test_a_video_that_is_late_does_not_run_to_catch_up(watch: Watch) -> None:
    clock = QuickClock()

    def late() -> Given:
        clock.pass_by(10.0)
        return frame(2)

    source = ScriptedSource([frame(1), late, frame(3), frame(4)], interval_s=0.04)
    list(all_of(watch(source, clock=clock)))
    assert clock.waited_s == pytest.approx([0.0, 0.0, 0.0, 0.04])


def test_a_frame_knows_when_it_came(watch: Watch) -> None:
    clock = QuickClock()
    clock.pass_by(5.0)
    source = ScriptedSource([frame(1), frame(2)], interval_s=0.5, is_every_frame_shown=True)
    said = list(all_of(watch(source, clock=clock)))
    assert [one.at_s for one in said if isinstance(one, Captured)] == [5.0, 5.5]


def test_a_video_begins_when_it_is_told_to() -> None:
    clock = QuickClock()
    capture = Capture(opening(ScriptedSource([frame(1)], interval_s=0.04)), clock=clock)
    assert isinstance(capture.take(timeout_s=LONG_S), Opened)
    assert capture.take(timeout_s=0) is None
    assert clock.waited_s == []
    capture.play()
    assert value_of(capture.take(timeout_s=LONG_S)) == 1
    capture.close()


def test_what_begins_again_is_counted_on(watch: Watch) -> None:
    rounds = [
        ScriptedSource([frame(1), frame(2)], interval_s=0.1, is_every_frame_shown=True)
        for _ in range(2)
    ]
    capture = watch(*rounds, AppError("It was deleted."), is_looped=True)
    assert isinstance(capture.take(timeout_s=LONG_S), Opened)
    taken = [capture.take(timeout_s=LONG_S) for _ in range(4)]
    assert [value_of(one) for one in taken] == [1, 2, 1, 2]
    assert [one.number for one in taken if isinstance(one, Captured)] == [0, 1, 2, 3]
    with pytest.raises(AppError, match="deleted"):
        capture.take(timeout_s=LONG_S)
    assert rounds[0].is_closed


def test_what_gave_no_frame_does_not_begin_again(watch: Watch) -> None:
    capture = watch(ScriptedSource([Problem("a.png", "Broken.")]), is_looped=True)
    assert isinstance(list(all_of(capture))[-1], Ended)


def test_a_camera_that_was_unplugged_is_tried_again_until_it_is_back(watch: Watch) -> None:
    clock = QuickClock()
    lost = Ended("It was unplugged.", may_come_back=True)
    capture = watch(
        ScriptedSource([lost]),
        AppError("Not there."),
        AppError("Not there yet."),
        ScriptedSource([frame(9)]),
        clock=clock,
    )
    said = list(all_of(capture))
    assert said[:3] == [Opened("Scripted", 0.0), Noted(lost.sentence), Opened("Scripted", 0.0)]
    assert value_of(said[3]) == 9
    assert clock.waited_s[:3] == [1.0, 1.0, 1.0]


def test_a_camera_that_stays_away_can_be_given_up() -> None:
    lost = ScriptedSource([Ended("It was unplugged.", may_come_back=True)])
    capture = Capture(opening(lost))  # whose clock is the real one: it would wait a second
    assert isinstance(capture.take(timeout_s=LONG_S), Opened)
    assert isinstance(capture.take(timeout_s=LONG_S), Noted)
    capture.close()
    assert lost.is_closed


def test_a_source_that_cannot_be_opened_is_told(watch: Watch) -> None:
    with pytest.raises(AppError, match="Not there"):
        watch(AppError("Not there.")).take(timeout_s=LONG_S)


def test_what_cannot_be_read_is_noted_once_and_not_without_end(watch: Watch) -> None:
    problems = [Problem(f"{n}.png", f"{n} is broken.") for n in range(9)]
    capture = watch(ScriptedSource([problems[0], *problems, frame(1)]))
    noted = [one.sentence for one in all_of(capture) if isinstance(one, Noted)]
    assert noted == [f"{n} is broken." for n in range(5)]


def test_news_comes_while_no_frame_is_wanted(watch: Watch) -> None:
    lost = Ended("It was unplugged.", may_come_back=True)
    capture = watch(ScriptedSource([frame(1), lost]), ScriptedSource([frame(2)]))
    said = [capture.take(timeout_s=LONG_S, wants_frame=False) for _ in range(3)]
    assert [type(one) for one in said] == [Opened, Noted, Opened]
    assert value_of(capture.take(timeout_s=LONG_S)) == 2


def test_closing_lets_go_of_a_source_that_nobody_takes_from() -> None:
    source = ScriptedSource([frame(1), frame(2)], interval_s=0.1, is_every_frame_shown=True)
    capture = Capture(opening(source), clock=QuickClock())
    capture.play()
    assert isinstance(capture.take(timeout_s=LONG_S), Opened)
    capture.close()
    assert source.is_closed


def test_a_source_that_is_stuck_does_not_hold_up_who_closes() -> None:
    is_stuck, goes_on = threading.Event(), threading.Event()

    def stuck() -> Given:
        is_stuck.set()
        goes_on.wait(LONG_S)
        return Ended("")

    capture = Capture(opening(ScriptedSource([stuck])))
    assert is_stuck.wait(LONG_S)
    capture.close()
    assert not goes_on.is_set()
    goes_on.set()
