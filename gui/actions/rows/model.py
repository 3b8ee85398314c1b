"""Actions: the menu Model."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
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
