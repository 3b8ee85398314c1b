"""How small a part has to be for a speck: an option of the eraser that a command asks for too."""

from collections.abc import Mapping

from gui.canvas.tool_options import NumberOption
from gui.canvas.tools import Tool
from gui.texts import tr

_NAME = "specks"
_FIRST_PERCENT = 5


def speck_option() -> NumberOption:
    """So many percent of an instance's largest part a speck is smaller than."""
    return NumberOption(
        _NAME,
        tr("Specks below"),
        value=_FIRST_PERCENT,
        low=1,
        high=99,
        unit=" %",
        tip=tr(
            "Drop specks takes away the parts that are smaller than this much of the instance's"
            " largest part."
        ),
    )


def speck_percent(tools: Mapping[str, Tool]) -> int:
    """What that option is set to."""
    options = (option for tool in tools.values() for option in tool.options)
    found = (one for one in options if isinstance(one, NumberOption) and one.name == _NAME)
    return next((one.value for one in found), _FIRST_PERCENT)
