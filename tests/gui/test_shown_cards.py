"""The cards that the Review page shows, when their folder goes."""

from collections.abc import Callable
from pathlib import Path

from core.cards import CardOrder
from gui.session import Session
from gui.session.shown_cards import ShownCards


def test_nothing_is_arranged_any_more_when_the_folder_is_left(
    session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    assert session.review is not None
    cards = ShownCards(session.review, session)
    session.close()

    cards.arrange(lambda _: True, CardOrder.SCORE, keys=())  # a timer of the page comes late

    assert not cards._arranging.is_going
