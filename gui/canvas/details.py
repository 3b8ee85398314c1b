"""What there is no time for with many instances in view: clearer outlines, and the names."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtGui import QPainter

from core.types import Instance, InstanceState
from gui.canvas.layer import InstanceLayer
from gui.canvas.overlay import Tag, draw_tags, unknown_class
from gui.canvas.paint import draw_outline_of
from gui.widgets.states import MARKS


def draw_details(
    painter: QPainter,
    instances: Sequence[Instance],
    layer: InstanceLayer,
    *,
    names: Mapping[int, str],
    locked: Collection[str],
) -> None:
    """Draws them, in pixels of the image.

    Args:
        painter: of the scene.
        instances: those in view.
        layer: shows them.
        names: of the classes, by their ids.
        locked: the ids of those with a lock beside their name.
    """
    tags = []
    for instance in instances:
        path, colour = layer.path(instance.id), layer.colour_for(instance)
        draw_outline_of(painter, instance, path, colour=colour, is_strong=False)
        text = names.get(instance.class_id) or unknown_class(instance.class_id)
        if instance.state is InstanceState.PREDICTED and instance.score is not None:
            text = f"{text} {instance.score:.0%}"
        elif instance.state is not InstanceState.DRAWN:
            text = f"{MARKS[instance.state]} {text}"
        tags.append(Tag(text, path.boundingRect().topLeft(), colour, instance.id in locked))
    draw_tags(painter, tags)
