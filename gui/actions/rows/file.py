"""Actions: the menu File."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
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
        "pack_project", "Pack for another machine…", ("Ctrl+Shift+B",),
        "Put the done images, labels and model into one zip, to fine-tune elsewhere.", "File",
    ),
    ActionSpec(
        "open_in_labelme", "Open in labelme", ("Ctrl+L",),
        "Open this folder in labelme, where it is installed.", "File",
    ),
    ActionSpec(
        "settings", "Settings…", ("Ctrl+,",),
        "Change how the window looks and works.", "File", begins_section=True,
    ),
    ActionSpec(
        "quit", "Quit", ("Ctrl+Q",),
        "Close the window.", "File", begins_section=True,
    ),
)  # fmt: skip
