"""Every edit a person can make, as a pure function from labels to labels.

An edit of a prediction's geometry or class makes it a person's (`edited`), and the first edit makes
an untouched image `started`. An edit that changes nothing gives the very same labels back. Indices
count `Part.rings`: ring 0 is the outer ring, ring 1 the first hole.

An edit may leave an outline that crosses itself: whoever keeps the labels puts them through
`mended` first, as Document does.
"""

from core.edits.attributes import with_crowd, with_note
from core.edits.earlier import Difference, as_it_was, difference
from core.edits.image import (
    changed_ids,
    rescaled,
    turned,
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
    with_seen_added,
    without_instances,
    without_origin,
)
from core.edits.order import brought_to_front, sent_to_back
from core.edits.outline import (
    simplified_parts,
    with_outlines_simplified,
    with_stretch_redrawn,
    with_vertices_deleted,
)
from core.edits.parts import with_cut, with_joined, with_parts_split
from core.edits.regions import (
    overlapped_by,
    with_erased,
    with_holes_filled,
    with_intersected,
    with_painted,
    with_specks_dropped,
    with_subtracted,
    with_taken_away,
    with_united,
)
from core.edits.validity import Mended, mended, mended_parts
from core.edits.vertices import (
    with_edge_moved,
    with_vertex_deleted,
    with_vertex_inserted,
    with_vertex_moved,
)

__all__ = [
    "Difference",
    "Mended",
    "accepted",
    "all_accepted",
    "as_it_was",
    "brought_to_front",
    "changed_ids",
    "copies_of",
    "difference",
    "mended",
    "mended_parts",
    "overlapped_by",
    "rejected",
    "rescaled",
    "restored",
    "sent_to_back",
    "simplified_parts",
    "turned",
    "with_class_changed",
    "with_crowd",
    "with_cut",
    "with_edge_moved",
    "with_erased",
    "with_holes_filled",
    "with_image_state",
    "with_instance_added",
    "with_instances_added",
    "with_instances_moved",
    "with_intersected",
    "with_joined",
    "with_note",
    "with_outlines_simplified",
    "with_painted",
    "with_parts",
    "with_parts_split",
    "with_seen_added",
    "with_specks_dropped",
    "with_stretch_redrawn",
    "with_subtracted",
    "with_taken_away",
    "with_united",
    "with_vertex_deleted",
    "with_vertex_inserted",
    "with_vertex_moved",
    "with_vertices_deleted",
    "without_instances",
    "without_origin",
]
