"""Session: what every panel watches."""

from gui.session.session import Session

__all__ = ["Session"]
