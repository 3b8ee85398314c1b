"""Actions: the tools."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "select_tool", "Select", ("V",),
        "Select and move instances, edges, vertices; a double or Ctrl+click on an edge adds one.",
        "Tools", radio="tool", begins_section=True,
    ),
    ActionSpec(
        "polygon_tool", "Polygon", ("P",),
        "Draw a polygon, click by click; Enter or a click on the first point closes it.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "box_tool", "Box", ("B",),
        "Drag a box, which becomes a polygon of four vertices.",
        "Tools", radio="tool",
    ),
)  # fmt: skip
