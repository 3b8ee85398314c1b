"""Assistants: what a model of the SAM family sees at points, in a box, or by a text."""

from collections.abc import Generator

from core.assist import AssistShelf, offer, offer_to_json, why_not
from core.configs import AssistConfig, AssistFetchConfig, AssistOfferConfig
from core.engines import EngineShelf
from core.events import Assisted, Event, Finished
from core.jobs import JobSpec


def run(config: AssistConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Yields an Assisted; the result says whether the model is here.

    Where nothing is asked, nothing is ever downloaded: the embedding is computed and kept if the
    model is here.
    """
    shelf = engines.beside(AssistShelf)
    if config.is_ahead:
        is_here = shelf.embed_ahead(config)
        yield Assisted(config.image, (), ())
        yield Finished({"is_here": is_here})
        return
    found = yield from shelf.answer(config)
    parts, scores = tuple(one.parts for one in found), tuple(one.score for one in found)
    yield Assisted(config.image, parts, scores)
    yield Finished({"is_here": True})


def fetch(config: AssistFetchConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Downloads a model if it is not here, and loads it."""
    yield from engines.beside(AssistShelf).prepare(config.model)
    yield Finished({"is_here": True})


def offered(config: AssistOfferConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result: `models`, for offer_from_json, and `why_not`, a sentence where there are none."""
    yield Finished({"models": offer_to_json(offer()), "why_not": why_not()})


JOBS = (
    JobSpec("assist", AssistConfig, run),
    JobSpec("assist_fetch", AssistFetchConfig, fetch),
    JobSpec("assist_offer", AssistOfferConfig, offered),
)
