"""Actions: the menu Model."""

from gui.actions.rows.menus import MODEL
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "prelabel_image", QT_TR_NOOP("Pre-label this image"), ("Ctrl+R",),
        QT_TR_NOOP("Let the model label this image."), MODEL, on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "prelabel_all", QT_TR_NOOP("Pre-label all images"), ("Ctrl+Shift+R",),
        QT_TR_NOOP("Let the model label every image that is not done."), MODEL, on_toolbar=True,
    ),
    ActionSpec(
        "take_back_prelabel", QT_TR_NOOP("Take back the last pre-label"), ("Ctrl+Shift+U",),
        QT_TR_NOOP(
            "Bring back what was before the last pre-label, or before what changed many images"
            " after it: a move of the confidence, a verdict, or a fix before a fine-tune."
        ), MODEL,
    ),
    ActionSpec(
        "fine_tune", QT_TR_NOOP("Fine-tune…"), ("Ctrl+T",),
        QT_TR_NOOP("Train the model on the images that are done."), MODEL, on_toolbar=True,
        begins_section=True,
    ),
    ActionSpec(
        "export_model", QT_TR_NOOP("Export model…"), ("Ctrl+Shift+E",),
        QT_TR_NOOP("Write weights as a folder that loads without this project, in detectron2 too."),
        MODEL,
    ),
    ActionSpec(
        "compact_model", QT_TR_NOOP("Make model smaller…"), ("Ctrl+Alt+E",),
        QT_TR_NOOP("Write weights in half precision, in 8 bits or as ONNX, and measure both."),
        MODEL,
    ),
    ActionSpec(
        "cancel_run", QT_TR_NOOP("Cancel the run"), ("Ctrl+.",),
        QT_TR_NOOP("Stop what is running; what it has learnt so far is kept."), MODEL,
    ),
)  # fmt: skip
