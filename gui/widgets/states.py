"""How the states of instances are told apart: a mark before each word, and a colour each.

The colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell
apart; the marks need no colour at all.
"""

from core.types import InstanceState

MARKS = {
    InstanceState.PREDICTED: "?",
    InstanceState.ACCEPTED: "✓",
    InstanceState.EDITED: "✎",
    InstanceState.DRAWN: "+",
}
"""One character each."""

COLOURS = {
    InstanceState.PREDICTED: "#e69f00",
    InstanceState.ACCEPTED: "#009e73",
    InstanceState.EDITED: "#56b4e9",
    InstanceState.DRAWN: "#0072b2",
}
"""#rrggbb."""


def marked(state: InstanceState) -> str:
    """The state as it is written everywhere: "? predicted"."""
    return f"{MARKS[state]} {state}"
