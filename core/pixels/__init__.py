"""Outlines that follow the pixels of an image, without any weights: along edges, out of a box, by
colour.
"""

from core.pixels.cutting import Cut, Stroke, cut_out, parts_of_cut, recut
from core.pixels.edges import EdgeMap, edge_map, parts_of_way, strongest_edge_near
from core.pixels.masks import parts_of_mask, without_specks
from core.pixels.wand import Pick, coloured_like, ready_for_picks
from core.pixels.window import Window, window_of

__all__ = [
    "Cut",
    "EdgeMap",
    "Pick",
    "Stroke",
    "Window",
    "coloured_like",
    "cut_out",
    "edge_map",
    "parts_of_cut",
    "parts_of_mask",
    "parts_of_way",
    "ready_for_picks",
    "recut",
    "strongest_edge_near",
    "window_of",
    "without_specks",
]
