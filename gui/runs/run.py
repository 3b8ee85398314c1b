"""What every run has in common: what it says, and how it ended."""

from PySide6.QtCore import QObject, Signal

from core.events import Failed, Finished


class Run(QObject):
    """Something that goes on: what it says, and how it ended."""

    reported = Signal(object)
    ended = Signal(object)
    """Finished or Failed, once."""

    def __init__(self, title: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.run_folder = ""
        """Where a child writes what it says; empty where nothing does."""
        self.last: Finished | Failed | None = None

    @property
    def is_going(self) -> bool:
        """Whether it has not ended yet."""
        return self.last is None

    @property
    def is_training(self) -> bool:
        """Whether it is a fine-tune."""
        return False

    @property
    def began_elsewhere(self) -> bool:
        """Whether it went on before this window knew it: how long it took is not known here."""
        return False

    def cancel(self) -> None:
        """Asks it to stop; `ended` tells when it has."""
        raise NotImplementedError

    def _take(self, event: object) -> None:
        if self.last is not None:
            return
        if isinstance(event, Finished | Failed):
            self.last = event
            self.ended.emit(event)
        else:
            self.reported.emit(event)
