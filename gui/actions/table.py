"""The table of everything a person can trigger.

A row names its handler: whoever composes the window passes `handlers[name]` for every row, so a
row without one is found when the window is built, and not when somebody presses the key.
"""

from dataclasses import dataclass, replace


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
    page: str = ""
    """The page on which it can be triggered; empty: on every page."""
    repeats: bool = True
    """Whether a key that is held down triggers it again and again."""

    @property
    def plain_text(self) -> str:
        """Its text without the dots that say a dialog follows."""
        return self.text.removesuffix("…")

    @property
    def icon_name(self) -> str:
        """The stem of its icon's file."""
        return self.icon or self.name


_FILE: tuple[ActionSpec, ...] = (
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

_EDIT: tuple[ActionSpec, ...] = (
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
        "hide_selected", "Hide", ("H",),
        "Hide the selected instances on the canvas; again, in the list, shows them.", "Edit",
        begins_section=True, repeats=False,
    ),
    ActionSpec(
        "hide_others", "Hide all others", ("Ctrl+Shift+H",),
        "Hide every instance that is not selected.", "Edit",
    ),
    ActionSpec(
        "show_all", "Show all", ("Shift+H",),
        "Show every instance that was hidden.", "Edit",
    ),
    ActionSpec(
        "lock_selected", "Lock", ("L",),
        "Keep the selected instances from being changed by hand; again unlocks them.", "Edit",
        repeats=False,
    ),
    ActionSpec(
        "unlock_all", "Unlock all", ("Shift+L",),
        "Unlock every instance.", "Edit",
    ),
)  # fmt: skip

_TOOLS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "select_tool", "Select", ("V",),
        "Select and move instances, edges, vertices; a double or Ctrl+click on an edge adds one.",
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
)  # fmt: skip

_REVIEW: tuple[ActionSpec, ...] = (
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
        "Mark this image as done and go to the next.", "Review", on_toolbar=True, repeats=False,
    ),
    ActionSpec(
        "next_instance", "Next instance", ("N",),
        "Select the next prediction to look at; where there is none, the next instance.", "Review",
        begins_section=True,
    ),
    ActionSpec(
        "previous_instance", "Previous instance", ("Shift+N",),
        "Select the prediction, or else the instance, before.", "Review",
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
)  # fmt: skip

_MODEL: tuple[ActionSpec, ...] = (
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
        "Bring back the labels as they were before the last pre-label, or before the confidence"
        " was moved after it.", "Model",
    ),
    ActionSpec(
        "fine_tune", "Fine-tune…", ("Ctrl+T",),
        "Train the model on the images that are done.", "Model", on_toolbar=True,
        begins_section=True,
    ),
    ActionSpec(
        "export_model", "Export model…", ("Ctrl+Shift+E",),
        "Write weights as a folder that loads without this project, in detectron2 too.", "Model",
    ),
    ActionSpec(
        "cancel_run", "Cancel the run", ("Ctrl+.",),
        "Stop what is running; what it has learnt so far is kept.", "Model",
    ),
)  # fmt: skip

_PAGES: tuple[ActionSpec, ...] = (
    ActionSpec(
        "page_annotate", "Annotate", ("Alt+1",),
        "Label the images.", "View", radio="page",
    ),
    ActionSpec(
        "page_train", "Train", ("Alt+2",),
        "See the fine-tunes of this folder, live and done.", "View", radio="page",
    ),
    ActionSpec(
        "page_evaluate", "Evaluate", ("Alt+3",),
        "Measure what weights are worth on the done images.", "View", radio="page",
    ),
    ActionSpec(
        "page_live", "Live", ("Alt+4",),
        "Watch the model work on a camera, a video or a folder of frames.", "View", radio="page",
    ),
)  # fmt: skip

_LIVE: tuple[ActionSpec, ...] = (
    ActionSpec(
        "live_start_stop", "Start or stop", ("F5",),
        "Begin to watch the source, or end it.", "Live", repeats=False,
    ),
    ActionSpec(
        "live_pause", "Pause or go on", ("Space",),
        "Keep the picture as it is, or follow the source again.", "Live", repeats=False,
    ),
    ActionSpec(
        "grab_frame", "Grab frame", ("S", "Ctrl+G"),
        "Save the frame with what the model saw in it into the open folder.", "Live",
        begins_section=True, repeats=False,
    ),
)  # fmt: skip

_CANVAS: tuple[ActionSpec, ...] = (
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

_WINDOW: tuple[ActionSpec, ...] = (
    ActionSpec(
        "focus_next_area", "Go to the next area", ("F6",),
        "Move the keyboard to the notices, the canvas, or the next panel.", "View",
        begins_section=True,
    ),
    ActionSpec(
        "command_palette", "Find a command…", ("Ctrl+Shift+P",),
        "Type what you want to do, and do it.", "Help",
    ),
    ActionSpec(
        "shortcuts", "Keyboard shortcuts…", ("F1",),
        "See all shortcuts, and change them.", "Help",
    ),
)  # fmt: skip


def _on_page(page: str, *groups: tuple[ActionSpec, ...]) -> tuple[ActionSpec, ...]:
    return tuple(replace(spec, page=page) for group in groups for spec in group)


ACTIONS: tuple[ActionSpec, ...] = (
    *_FILE,
    *_on_page("annotate", _EDIT, _TOOLS, _REVIEW),
    *_MODEL,
    *_PAGES,
    *_on_page("annotate", _CANVAS),
    *_on_page("live", _LIVE),
    *_WINDOW,
)
