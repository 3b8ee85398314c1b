"""Geometry of instances: pure functions on parts, rings and masks."""

from core.geometry.borders import (
    Line,
    Ways,
    distance_to_ring,
    length_of,
    simplified_line,
    ways_between,
)
from core.geometry.crops import outline_of_crop, parts_from_crop, paste
from core.geometry.ellipses import ellipse_ring
from core.geometry.hits import EdgeHit, VertexHit, contains, nearest_edge, nearest_vertex
from core.geometry.raster import (
    mask_from_rle,
    mask_of,
    masks_from_rles,
    parts_from_mask,
    parts_from_rle,
    rle_of,
)
from core.geometry.regions import (
    bounds_of,
    box_iou,
    clip,
    difference,
    intersection,
    iou,
    part_area,
    parts_area,
    union,
)
from core.geometry.reshaping import (
    boxes_of,
    cut_pieces,
    in_common,
    near,
    overlap,
    painted,
    stroke_of_brush,
    together,
    with_holes_filled,
    without,
    without_specks,
)
from core.geometry.simplify import rounded, simplify
from core.geometry.smooth import smooth

__all__ = [
    "EdgeHit",
    "Line",
    "VertexHit",
    "Ways",
    "bounds_of",
    "box_iou",
    "boxes_of",
    "clip",
    "contains",
    "cut_pieces",
    "difference",
    "distance_to_ring",
    "ellipse_ring",
    "in_common",
    "intersection",
    "iou",
    "length_of",
    "mask_from_rle",
    "mask_of",
    "masks_from_rles",
    "near",
    "nearest_edge",
    "nearest_vertex",
    "outline_of_crop",
    "overlap",
    "painted",
    "part_area",
    "parts_area",
    "parts_from_crop",
    "parts_from_mask",
    "parts_from_rle",
    "paste",
    "rle_of",
    "rounded",
    "simplified_line",
    "simplify",
    "smooth",
    "stroke_of_brush",
    "together",
    "union",
    "ways_between",
    "with_holes_filled",
    "without",
    "without_specks",
]
