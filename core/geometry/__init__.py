"""Geometry of instances: pure functions on parts, rings and masks."""

from core.geometry.crops import outline_of_crop, parts_from_crop, paste
from core.geometry.hits import EdgeHit, VertexHit, contains, nearest_edge, nearest_vertex
from core.geometry.raster import mask_from_rle, mask_of, parts_from_mask, parts_from_rle, rle_of
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
from core.geometry.simplify import simplify

__all__ = [
    "EdgeHit",
    "VertexHit",
    "bounds_of",
    "box_iou",
    "clip",
    "contains",
    "difference",
    "intersection",
    "iou",
    "mask_from_rle",
    "mask_of",
    "nearest_edge",
    "nearest_vertex",
    "outline_of_crop",
    "part_area",
    "parts_area",
    "parts_from_crop",
    "parts_from_mask",
    "parts_from_rle",
    "paste",
    "rle_of",
    "simplify",
    "union",
]
