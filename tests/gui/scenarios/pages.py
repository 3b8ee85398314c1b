"""The pages that the window shows instead of the canvas."""

from core.types import InstanceState
from gui.pages.compare import ComparePage
from gui.pages.evaluate import EvaluatePage
from gui.pages.progress import ProgressPage
from gui.pages.review import ReviewPage
from gui.pages.rounds import RoundsPage
from gui.pages.train import TrainPage
from tests.gui.user import User


def page_train(user: User) -> None:
    user.press("page_train")
    page = user.child(TrainPage)
    user.until(lambda: page.hint.isVisible() and "press Fine-tune" in page.hint.text())


def page_evaluate(user: User) -> None:
    user.press("page_evaluate")
    page = user.child(EvaluatePage)
    user.until(lambda: page.bar.status.text().startswith("No image is done"))


def page_review(user: User) -> None:
    one = user.add(InstanceState.PREDICTED)
    user.until(lambda: user.session.is_all_saved)
    user.press("page_review")
    page = user.child(ReviewPage)
    user.until(lambda: page.grid.count == 1)
    user.press("accept")
    assert user.document.labels.instance(one).state is InstanceState.ACCEPTED


def page_progress(user: User) -> None:
    user.add()
    user.press("page_progress")
    page = user.child(ProgressPage)
    user.until(lambda: page.table.rowCount() == 1)
    assert page.table.item(0, 1).text() == "1"
    assert "1 instance recorded in the last round (by hand)" in page.conclusion.text()


def page_rounds(user: User) -> None:
    user.press("page_rounds")
    page = user.child(RoundsPage)
    user.until(lambda: page.empty.text().startswith("No image was seen by two models yet."))


def page_compare(user: User) -> None:
    user.press("page_compare")
    page = user.child(ComparePage)
    hint = "Fine-tune (Ctrl+T) at least twice"
    user.until(lambda: page.hint.isVisible() and hint in page.hint.text())
