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
        "Draw a polygon by clicks or freehand; Enter or a click on the first point closes it.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "box_tool", "Box", ("B",),
        "Drag a box, which becomes a polygon of four vertices; Shift makes a square.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "ellipse_tool", "Ellipse", ("O",),
        "Drag an ellipse, which becomes a polygon of few vertices; Shift makes a circle.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "redraw_tool", "Redraw a stretch", ("R",),
        "Draw over a stretch of a border, which replaces it; Alt replaces the longer one.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "snapping", "Snap on or off", ("J",),
        "Keep what is drawn to the vertices and borders of neighbours and to the image's edge.",
        "Tools", repeats=False,
    ),
    ActionSpec(
        "assist_points_tool", "Assisted by points", ("Q",),
        "Click on an object and an assistant outlines it; more clicks say what belongs to it.",
        "Tools", radio="tool", begins_section=True,
    ),
    ActionSpec(
        "assist_box_tool", "Assisted in a box", ("Shift+Q",),
        "Drag a box around an object and an assistant, or your own weights, outline it.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "lasso_tool", "Magnetic lasso", ("M",),
        "Click along a border; between the clicks it follows the edges of the picture by itself.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "grabcut_tool", "Cut out", ("Y",),
        "Drag a box around an object, which is cut out by its colours; strokes correct it.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "wand_tool", "Colour wand", ("U",),
        "Click on a region of one colour to take it; the wheel takes in more or less.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "brush_tool", "Brush", ("E",),
        "Paint on the selected instance, or a new one; Alt or the right button erases.",
        "Tools", radio="tool", begins_section=True,
    ),
    ActionSpec(
        "eraser_tool", "Eraser", ("Shift+E",),
        "Erase from the selected instances, or from the one that the stroke begins on.",
        "Tools", radio="tool",
    ),
    ActionSpec(
        "cut_tool", "Cut", ("K",),
        "Draw a line across instances to cut them apart; every piece becomes an instance.",
        "Tools", radio="tool",
    ),
)  # fmt: skip
