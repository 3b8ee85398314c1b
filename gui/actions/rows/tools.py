"""Actions: the tools."""

from gui.actions.rows.menus import TOOLS
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "select_tool", QT_TR_NOOP("Select"), ("V",),
        QT_TR_NOOP(
            "Select and move instances, edges, vertices; a double or Ctrl+click on an edge adds"
            " one."
        ), TOOLS, radio="tool", begins_section=True,
    ),
    ActionSpec(
        "polygon_tool", QT_TR_NOOP("Polygon"), ("P",),
        QT_TR_NOOP(
            "Draw a polygon by clicks or freehand; Enter or a click on the first point closes it."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "box_tool", QT_TR_NOOP("Box"), ("B",),
        QT_TR_NOOP("Drag a box, which becomes a polygon of four vertices; Shift makes a square."),
        TOOLS, radio="tool",
    ),
    ActionSpec(
        "ellipse_tool", QT_TR_NOOP("Ellipse"), ("O",),
        QT_TR_NOOP(
            "Drag an ellipse, which becomes a polygon of few vertices; Shift makes a circle."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "redraw_tool", QT_TR_NOOP("Redraw a stretch"), ("R",),
        QT_TR_NOOP(
            "Draw over a stretch of a border, which replaces it; Alt replaces the longer one."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "snapping", QT_TR_NOOP("Snap on or off"), ("J",),
        QT_TR_NOOP(
            "Keep what is drawn to the vertices and borders of neighbours and to the image's edge."
        ), TOOLS, repeats=False,
    ),
    ActionSpec(
        "assist_points_tool", QT_TR_NOOP("Assisted by points"), ("Q",),
        QT_TR_NOOP(
            "Click on an object and an assistant outlines it; more clicks say what belongs to it."
        ), TOOLS, radio="tool", begins_section=True,
    ),
    ActionSpec(
        "assist_box_tool", QT_TR_NOOP("Assisted in a box"), ("Shift+Q",),
        QT_TR_NOOP(
            "Drag a box around an object and an assistant, or your own weights, outline it."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "lasso_tool", QT_TR_NOOP("Magnetic lasso"), ("M",),
        QT_TR_NOOP(
            "Click along a border; between the clicks it follows the edges of the picture by"
            " itself."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "grabcut_tool", QT_TR_NOOP("Cut out"), ("Y",),
        QT_TR_NOOP(
            "Drag a box around an object, which is cut out by its colours; strokes correct it."
        ), TOOLS, radio="tool",
    ),
    ActionSpec(
        "wand_tool", QT_TR_NOOP("Colour wand"), ("U",),
        QT_TR_NOOP("Click on a region of one colour to take it; the wheel takes in more or less."),
        TOOLS, radio="tool",
    ),
    ActionSpec(
        "brush_tool", QT_TR_NOOP("Brush"), ("E",),
        QT_TR_NOOP("Paint on the selected instance, or a new one; Alt or the right button erases."),
        TOOLS, radio="tool", begins_section=True,
    ),
    ActionSpec(
        "eraser_tool", QT_TR_NOOP("Eraser"), ("Shift+E",),
        QT_TR_NOOP("Erase from the selected instances, or from the one that the stroke begins on."),
        TOOLS, radio="tool",
    ),
    ActionSpec(
        "cut_tool", QT_TR_NOOP("Cut"), ("K",),
        QT_TR_NOOP(
            "Draw a line across instances to cut them apart; every piece becomes an instance."
        ), TOOLS, radio="tool",
    ),
)  # fmt: skip
