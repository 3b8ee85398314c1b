"""Views of one image beside each other: the old model, the new one, and the labels."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.rounds import Difference
from gui.canvas.picture import Picture
from gui.canvas.round_view import RoundView
from gui.session.rounds import Compared
from gui.texts import tr

_PART_OF_VIEW = 0.35
_FLICKER = "flicker"


class RoundPanes(QWidget):
    """Old, new and labels side by side; or old and new by turns, and the labels beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.views = {name: RoundView() for name in ("old", "new", _FLICKER, "labels")}
        self.titles = {name: QLabel() for name in self.views}
        self._compared: Compared | None = None
        self._least_score = 0.0
        self._difference: Difference | None = None
        self._is_flicker = False
        self._shows_old = False
        """In the view that flickers."""
        self._flicker_key = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._panes = {name: self._pane(name) for name in self.views}
        for pane in self._panes.values():
            row.addWidget(pane, 1)
        for view in self.views.values():
            view.moved.connect(lambda view=view: self._follow(view))
        self.set_flicker(False)

    def set_flicker(self, is_flicker: bool, /) -> None:
        """Shows old and new by turns in one view, or beside each other."""
        self._is_flicker = is_flicker
        for name, pane in self._panes.items():
            pane.setVisible(name == "labels" or (name == _FLICKER) == is_flicker)
        self._show()

    def swap(self) -> None:
        """Shows the other model in the view that flickers."""
        self._shows_old = not self._shows_old
        self._show()

    def set_flicker_key(self, key: str) -> None:
        """Says which key swaps; empty: none does."""
        self._flicker_key = key
        self._show()

    def set_colours(self, colours: Mapping[int, str]) -> None:
        """Gives the colours of the classes, for what is shown next."""
        for view in self.views.values():
            view.set_colours(colours)

    def show_picture(self, picture: Picture | None) -> None:
        """Shows this image, or none."""
        for view in self.views.values():
            view.show_picture(picture)

    def show_sides(self, compared: Compared, *, least_score: float) -> None:
        """Shows what both models see from a score on, and the labels."""
        self._compared, self._least_score = compared, least_score
        self._difference = None
        self._show()

    def show_difference(self, one: Difference | None) -> None:
        """Outlines one object in each view and brings it into sight; None: outlines nothing."""
        self._difference = one
        self._highlight()
        if one is not None:
            view = self.views[_FLICKER if self._is_flicker else "new"]
            view.show_instance(one.instance, part_of_view=_PART_OF_VIEW)

    def _pane(self, name: str) -> QWidget:
        pane = QWidget()
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.titles[name].setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(self.titles[name])
        column.addWidget(self.views[name], 1)
        return pane

    def _show(self) -> None:
        found = self._compared
        if found is None:
            return
        size_hw, least = found.labels.size_hw, self._least_score
        old = [one for one in found.old.instances if (one.score or 0.0) >= least]
        new = [one for one in found.new.instances if (one.score or 0.0) >= least]
        old_title = tr("Old: {weights}").format(weights=found.old.by.weights)
        new_title = tr("New: {weights}").format(weights=found.new.by.weights)
        shown, title = (old, old_title) if self._shows_old else (new, new_title)
        if key := self._flicker_key:
            title = tr("{title}. {key} shows the other one.").format(title=title, key=key)
        for place, instances, words in (
            ("old", old, old_title),
            ("new", new, new_title),
            (_FLICKER, shown, title),
            ("labels", found.labels.instances, tr("Labels")),
        ):
            self.views[place].show_instances(instances, size_hw)
            self.titles[place].setText(words)
        self._highlight()

    def _highlight(self) -> None:
        one = self._difference
        old, new = (one.old, one.new) if one else (None, None)
        self.views["old"].highlight(old)
        self.views["new"].highlight(new)
        self.views["labels"].highlight(one.label if one else None)
        self.views[_FLICKER].highlight(old if self._shows_old else new)

    def _follow(self, leader: RoundView) -> None:
        for view in self.views.values():
            if view is not leader and view.isVisible():
                view.follow(leader)
