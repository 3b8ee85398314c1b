"""Models of the SAM family: prompts by points, a box or a text to parts of few vertices.

They are osam's, and so are the files that they are made of and the place where these lie. osam is
imported when a model is used, not with this package, so that the window can ask what is offered.
"""

from core.assist.library import providers, version, why_not
from core.assist.models import MODELS, AssistModel, model_named
from core.assist.offer import OfferedModel, offer, offer_from_json, offer_to_json
from core.assist.prompts import Found, refusal_of
from core.assist.shelf import AssistShelf

__all__ = [
    "MODELS",
    "AssistModel",
    "AssistShelf",
    "Found",
    "OfferedModel",
    "model_named",
    "offer",
    "offer_from_json",
    "offer_to_json",
    "providers",
    "refusal_of",
    "version",
    "why_not",
]
