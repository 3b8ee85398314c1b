"""The menu Live, on its page."""

import cv2
import numpy as np

from gui.pages.live import LivePage
from tests.gui.user import User


def live_start_stop(user: User) -> None:
    _started(user)
    user.press("live_start_stop")
    assert not user.session.live.is_going


def live_pause(user: User) -> None:
    page = _started(user)
    user.press("live_pause")
    assert user.session.live.is_paused
    assert page.pause_button.text() == "Go on"
    user.press("live_pause")
    assert not user.session.live.is_paused


def grab_frame(user: User) -> None:
    _started(user)
    user.press("grab_frame")
    user.until(lambda: len(user.session.keys) == 4)
    (file,) = (user.folder / "live").glob("*.png")
    assert file.relative_to(user.folder).as_posix() in user.session.keys


def _started(user: User) -> LivePage:
    """The page, with a picture of a folder that begins again and again."""
    frames = user.tmp_path / "frames"
    frames.mkdir()
    for number in range(3):
        pixels = np.full((90, 120, 3), 230, np.uint8)
        cv2.circle(pixels, (30 + 10 * number, 40), 15, (40, 40, 200), -1)
        cv2.imwrite(str(frames / f"{number}.png"), pixels)
    user.window.pages.show_page("live")
    page = user.child(LivePage)
    page.source.choose_path(frames)
    page.source.loop.click()
    user.press("live_start_stop")
    user.until(lambda: user.session.live.picture is not None)
    return page
