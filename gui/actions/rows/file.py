"""Actions: the menu File."""

from gui.actions.rows.menus import FILE
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open_folder", QT_TR_NOOP("Open folder…"), ("Ctrl+O",),
        QT_TR_NOOP("Open a folder of images."), FILE, on_toolbar=True,
    ),
    ActionSpec(
        "save", QT_TR_NOOP("Save"), ("Ctrl+S",),
        QT_TR_NOOP("Write the labels of this image now; they are saved by themselves too."), FILE,
    ),
    ActionSpec(
        "export_coco", QT_TR_NOOP("Export COCO…"), ("Ctrl+E",),
        QT_TR_NOOP("Write the labels as one COCO JSON file."), FILE, begins_section=True,
    ),
    ActionSpec(
        "pack_project", QT_TR_NOOP("Pack for another machine…"), ("Ctrl+Shift+B",),
        QT_TR_NOOP("Put the done images, labels and model into one zip, to fine-tune elsewhere."),
        FILE,
    ),
    ActionSpec(
        "unpack_run", QT_TR_NOOP("Bring back a run…"), ("Ctrl+Shift+O",),
        QT_TR_NOOP("Add a run from another machine, of Maskloop or detectron2, to this folder."),
        FILE,
    ),
    ActionSpec(
        "open_in_labelme", QT_TR_NOOP("Open in labelme"), ("Ctrl+L",),
        QT_TR_NOOP("Open this folder in labelme, where it is installed."), FILE,
    ),
    ActionSpec(
        "settings", QT_TR_NOOP("Settings…"), ("Ctrl+,",),
        QT_TR_NOOP("Change how the window looks and works."), FILE, begins_section=True,
    ),
    ActionSpec(
        "quit", QT_TR_NOOP("Quit"), ("Ctrl+Q",),
        QT_TR_NOOP("Close the window."), FILE, begins_section=True,
    ),
)  # fmt: skip
