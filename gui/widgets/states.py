"""How the states of instances are told apart: a mark before each word, and a colour each.

The colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell
apart; the marks need no colour at all.
"""

from core.types import ImageState, InstanceState
from gui.texts import QT_TR_NOOP, tr

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

_WORDS = {
    InstanceState.PREDICTED: QT_TR_NOOP("predicted"),
    InstanceState.ACCEPTED: QT_TR_NOOP("accepted"),
    InstanceState.EDITED: QT_TR_NOOP("edited"),
    InstanceState.DRAWN: QT_TR_NOOP("drawn"),
}
_IMAGE_WORDS = {
    ImageState.UNTOUCHED: QT_TR_NOOP("not started"),
    ImageState.STARTED: QT_TR_NOOP("started"),
    ImageState.DONE: QT_TR_NOOP("done"),
}


def state_text(state: InstanceState) -> str:
    """The state of an instance in a word: "predicted"."""
    return tr(_WORDS[state])


def image_state_text(state: ImageState) -> str:
    """The state of an image in words: "not started"."""
    return tr(_IMAGE_WORDS[state])


def marked(state: InstanceState) -> str:
    """The state of an instance as it is written everywhere: "? predicted"."""
    return f"{MARKS[state]} {state_text(state)}"
