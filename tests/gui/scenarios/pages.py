"""The pages that the window shows instead of the canvas."""

from gui.pages.evaluate import EvaluatePage
from gui.pages.train import TrainPage
from tests.gui.user import User


def page_train(user: User) -> None:
    user.press("page_train")
    user.until(lambda: user.child(TrainPage).hint.isVisible())
    assert "press Fine-tune" in user.child(TrainPage).hint.text()


def page_evaluate(user: User) -> None:
    user.press("page_evaluate")
    page = user.child(EvaluatePage)
    user.until(lambda: page.status.text().startswith("No image is done"))
