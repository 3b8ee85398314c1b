"""Every edit a person can make, as a pure function from labels to labels.

An edit of a prediction's geometry or class makes it a person's (`edited`), and the first edit makes
an untouched image `started`. An edit that changes nothing gives the very same labels back. Indices
count `Part.rings`: ring 0 is the outer ring, ring 1 the first hole.

An edit may leave an outline that crosses itself: whoever keeps the labels puts them through
`mended` first, as Document does.
"""

from core.edits.image import (
    changed_ids,
    rescaled,
    with_image_state,
)
from core.edits.instances import (
    accepted,
    all_accepted,
    copies_of,
    rejected,
    restored,
    with_class_changed,
    with_instance_added,
    with_instances_added,
    with_instances_moved,
    with_parts,
    without_instances,
)
from core.edits.validity import Mended, mended, mended_parts
from core.edits.vertices import (
    with_edge_moved,
    with_vertex_deleted,
    with_vertex_inserted,
    with_vertex_moved,
)

__all__ = [
    "Mended",
    "accepted",
    "all_accepted",
    "changed_ids",
    "copies_of",
    "mended",
    "mended_parts",
    "rejected",
    "rescaled",
    "restored",
    "with_class_changed",
    "with_edge_moved",
    "with_image_state",
    "with_instance_added",
    "with_instances_added",
    "with_instances_moved",
    "with_parts",
    "with_vertex_deleted",
    "with_vertex_inserted",
    "with_vertex_moved",
    "without_instances",
]
