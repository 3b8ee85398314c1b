"""Labels that were drawn for another size of the image: the question, and what Rescale does."""

from dataclasses import replace
from functools import partial

from core import edits
from core.labelfile import is_another_scale
from core.project import LoadedLabels
from core.types import ImageLabels
from gui.document import Document
from gui.texts import tr
from gui.widgets.notices import Notice

RESCALE_TOPIC = "rescale"


def rescale_notice(document: Document, loaded: LoadedLabels) -> Notice | None:
    """The question whether to rescale; None where the label file gives no reason to ask.

    Args:
        document: of the image that was opened.
        loaded: what its label file says.
    """
    declared_hw, labels = loaded.declared_size_hw, document.labels
    if declared_hw is None or not is_another_scale(declared_hw, labels.size_hw):
        return None
    if loaded.is_read_only or document.is_dirty or not (labels.instances or labels.rejected):
        return None
    (height, width), (real_height, real_width) = declared_hw, labels.size_hw
    question = tr(
        "The labels of {image} were drawn on {width} x {height} pixels, and the image has"
        " {real_width} x {real_height}. Rescale them, if they sit wrong."
    ).format(
        image=document.key,
        width=width,
        height=height,
        real_width=real_width,
        real_height=real_height,
    )
    rescale, text = partial(_rescaled, from_hw=declared_hw), tr("Rescale")
    return Notice(
        question,
        ((text, lambda: document.edit(text, rescale)), (tr("Leave them"), lambda: None)),
        topic=RESCALE_TOPIC,
    )


def _rescaled(labels: ImageLabels, *, from_hw: tuple[int, int]) -> ImageLabels:
    return edits.rescaled(replace(labels, size_hw=from_hw), labels.size_hw)
