"""The table of everything a person can trigger, and how it becomes QActions, menus and a toolbar.

A row names its handler: whoever composes the window passes `handlers[name]` for every row, so a
row without one is found when the window is built, and not when somebody presses the key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar

Handler: TypeAlias = Callable[[], object]


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing a person can trigger."""

    name: str
    """Of its handler; stable, the settings keep changed shortcuts under it."""
    text: str
    shortcuts: tuple[str, ...]
    """In Qt's portable form; the first one is shown."""
    tooltip: str
    """A sentence without its shortcut, which is added when it is built."""
    menu: str
    icon: str = ""
    """The file's stem in resources/icons; empty: the same as the name."""
    radio: str = ""
    """The group of which one action is checked; empty for an action that is only triggered."""
    begins_section: bool = False
    """Whether a line goes before it in its menu and on the toolbar."""
    on_toolbar: bool = False

    @property
    def icon_name(self) -> str:
        """The stem of its icon's file."""
        return self.icon or self.name


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open_folder", "Open folder…", ("Ctrl+O",),
        "Open a folder of images.", "File", on_toolbar=True,
    ),
    ActionSpec(
        "save", "Save", ("Ctrl+S",),
        "Write the labels of this image now; they are saved by themselves too.", "File",
    ),
    ActionSpec(
        "export_coco", "Export COCO…", ("Ctrl+E",),
        "Write the labels as one COCO JSON file.", "File", begins_section=True,
    ),
    ActionSpec(
        "open_in_labelme", "Open in labelme", ("Ctrl+L",),
        "Open this folder in labelme, where it is installed.", "File",
    ),
    ActionSpec(
        "quit", "Quit", ("Ctrl+Q",),
        "Close the window.", "File", begins_section=True,
    ),
    ActionSpec(
        "undo", "Undo", ("Ctrl+Z",),
        "Take back the last edit of this image.", "Edit", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Do again what was taken back.", "Edit", on_toolbar=True,
    ),
    ActionSpec(
        "copy", "Copy", ("Ctrl+C",),
        "Copy the selected instances.", "Edit", begins_section=True,
    ),
    ActionSpec(
        "paste", "Paste", ("Ctrl+V",),
        "Put the copied instances into this image, at the same place.", "Edit",
    ),
    ActionSpec(
        "duplicate", "Duplicate", ("Ctrl+D",),
        "Copy the selected instances, a little aside.", "Edit",
    ),
    ActionSpec(
        "select_all", "Select all", ("Ctrl+A",),
        "Select every instance of this image.", "Edit",
    ),
    ActionSpec(
        "delete_instances", "Delete", ("Del",),
        "Delete the selected instances.", "Edit", begins_section=True,
    ),
    ActionSpec(
        "delete_vertex", "Delete vertex", ("Backspace",),
        "Delete the vertex that is picked or under the cursor.", "Edit",
    ),
    ActionSpec(
        "select_tool", "Select", ("V",),
        "Select and move instances and vertices; Ctrl+click or double click on an edge adds one.",
        "Tools", radio="tool", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "polygon_tool", "Polygon", ("P",),
        "Draw a polygon, click by click; Enter or a click on the first point closes it.",
        "Tools", radio="tool", on_toolbar=True,
    ),
    ActionSpec(
        "box_tool", "Box", ("B",),
        "Drag a box, which becomes a polygon of four vertices.",
        "Tools", radio="tool", on_toolbar=True,
    ),
    ActionSpec(
        "previous_image", "Previous image", ("A", "PgUp"),
        "Go to the previous image.", "Review", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "next_image", "Next image", ("D", "PgDown"),
        "Go to the next image.", "Review", on_toolbar=True,
    ),
    ActionSpec(
        "done_and_next", "Done and next", ("F",),
        "Mark this image as done and go to the next.", "Review", on_toolbar=True,
    ),
    ActionSpec(
        "accept", "Accept", ("W",),
        "Accept the selected predictions as they are.", "Review", begins_section=True,
    ),
    ActionSpec(
        "accept_all", "Accept all", ("Shift+W",),
        "Accept every prediction of this image as it is.", "Review", on_toolbar=True,
    ),
    ActionSpec(
        "reject", "Reject", ("X",),
        "Turn down the selected predictions; later rounds do not bring them back.", "Review",
    ),
    ActionSpec(
        "change_class", "Change class…", ("C",),
        "Give the selected instances another class; 1 to 9 are the first classes.", "Review",
    ),
    ActionSpec(
        "prelabel_image", "Pre-label this image", ("Ctrl+R",),
        "Let the model label this image.", "Model", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "prelabel_all", "Pre-label all images", ("Ctrl+Shift+R",),
        "Let the model label every image that is not done.", "Model", on_toolbar=True,
    ),
    ActionSpec(
        "take_back_prelabel", "Take back the last pre-label", ("Ctrl+Shift+U",),
        "Bring back the labels as they were before the last pre-label.", "Model",
    ),
    ActionSpec(
        "fine_tune", "Fine-tune…", ("Ctrl+T",),
        "Train the model on the images that are done.", "Model", on_toolbar=True,
        begins_section=True,
    ),
    ActionSpec(
        "cancel_run", "Cancel the run", ("Ctrl+.",),
        "Stop what is running; what it has learnt so far is kept.", "Model",
    ),
    ActionSpec(
        "zoom_in", "Zoom in", ("Ctrl+=", "Ctrl++"),
        "Show the image larger.", "View", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "zoom_out", "Zoom out", ("Ctrl+-",),
        "Show the image smaller.", "View", on_toolbar=True,
    ),
    ActionSpec(
        "fit", "Fit", ("Ctrl+0",),
        "Show the whole image.", "View", on_toolbar=True,
    ),
    ActionSpec(
        "zoom_actual", "100 %", ("Ctrl+1",),
        "Show one image pixel as one pixel of the screen.", "View",
    ),
    ActionSpec(
        "show_selected", "Zoom to the selected", ("Z",),
        "Bring the selected instances into view.", "View",
    ),
)  # fmt: skip


def build_actions(
    parent: QObject, handlers: Mapping[str, Handler], *, icon_of: Callable[[str], QIcon]
) -> dict[str, QAction]:
    """A QAction for every row of the table by name, in its order, children of `parent`.

    The first of a radio group is checked.

    Args:
        parent: owns the actions; a widget makes their shortcuts work in its window.
        handlers: what each action does, by its name.
        icon_of: the icon of a name (`ActionSpec.icon_name`).

    Raises:
        ValueError: a row has no handler, or a handler no row.
    """
    if missing := {spec.name for spec in ACTIONS} ^ set(handlers):
        raise ValueError(f"actions and handlers differ: {', '.join(sorted(missing))}")
    groups: dict[str, QActionGroup] = {}
    actions = {}
    for spec in ACTIONS:
        action = QAction(icon_of(spec.icon_name), spec.text, parent)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setToolTip(_tooltip(spec, action))
        action.triggered.connect(_without_argument(handlers[spec.name]))
        if spec.radio:
            action.setCheckable(True)
            group = groups.setdefault(spec.radio, QActionGroup(parent))
            action.setChecked(not group.actions())
            group.addAction(action)
        actions[spec.name] = action
    return actions


def build_menus(menu_bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """The menus of the table, filled, by their title."""
    menus: dict[str, QMenu] = {}
    for spec in ACTIONS:
        if spec.menu not in menus:
            menus[spec.menu] = menu_bar.addMenu(spec.menu)
        elif spec.begins_section:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(actions[spec.name])
    return menus


def fill_toolbar(toolbar: QToolBar, actions: Mapping[str, QAction]) -> None:
    """Puts the actions that the table wants there on a toolbar."""
    for spec in _on_toolbar():
        if spec.begins_section and toolbar.actions():
            toolbar.addSeparator()
        toolbar.addAction(actions[spec.name])


def _on_toolbar() -> Iterable[ActionSpec]:
    return (spec for spec in ACTIONS if spec.on_toolbar)


def _tooltip(spec: ActionSpec, action: QAction) -> str:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{spec.tooltip} ({keys})" if keys else spec.tooltip


def _without_argument(handler: Handler) -> Callable[[bool], None]:
    # triggered says whether the action is checked, which no handler asks for
    def on_triggered(_is_checked: bool) -> None:
        handler()

    return on_triggered
