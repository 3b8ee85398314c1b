"""What an assistant keeps warm between two prompts: models, and embeddings of images."""

from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path
from typing import TypeAlias

from core.assist.fetching import fetch, is_here, remove_damaged
from core.assist.library import Embedding, LoadedModel, embedding_bytes, loaded
from core.assist.models import AssistModel, model_named
from core.assist.prompts import Found, Seen, found_by_hand, found_by_text, outlined, refusal_of
from core.configs import AssistConfig
from core.errors import AppError
from core.events import Progress, Waiting
from core.images import size_hw, thumbnail

_LOOKED_AT_PX = 1024
"""The longer side that the models look at (SAM, SAM 2, EfficientSAM; SAM 3 1008, YOLO-World 640).
A larger picture would cost a tenth of a second a click, and a gigabyte at 100 megapixels."""
_MOST_MODELS = 2  # one that finds boxes by text, and the one that outlines them
_MOST_BYTES = 384 << 20
"""Of embeddings: about 96 of EfficientSAM, 22 of SAM 2, 3 of SAM 3."""

_Key: TypeAlias = tuple[str, str, int, int]


class AssistShelf:
    """Keeps the models that were used last, and embeddings of the images that were looked at."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()
        self._embeddings: OrderedDict[_Key, tuple[Seen, Embedding]] = OrderedDict()

    def prepare(self, name: str) -> Generator[Progress | Waiting, None, None]:
        """Downloads a model, and the one that it needs, and loads them; what is there is left.

        Raises:
            AppError: it is not offered, cannot be fetched, or does not load.
        """
        for model in _with_outliner(model_named(name)):
            if model.name not in self._models:
                yield from fetch(model)
                self._load(model)

    def embed_ahead(self, config: AssistConfig) -> bool:
        """Keeps the embedding of an image; False where the model is not here: nothing downloads.

        Raises:
            AppError: the image cannot be read, or the model not be used.
        """
        models = _with_outliner(model_named(config.model))
        if not all(map(is_here, models)):
            return False
        for model in models:
            self._look(self._load(model), Path(config.image))
        return True

    def answer(self, config: AssistConfig) -> Generator[Progress | Waiting, None, list[Found]]:
        """What the model finds where it is asked, best first.

        Raises:
            AppError: it cannot be asked that, fetched or used, or the image cannot be read.
        """
        model = model_named(config.model)
        if sentence := refusal_of(model, config):
            raise AppError(sentence)
        yield from self.prepare(config.model)
        asked, image = self._load(model), Path(config.image)
        seen, embedding = self._look(asked, image)
        if not config.text:
            return found_by_hand(asked, seen, embedding, config)
        sightings = found_by_text(asked, seen, embedding, config)
        if not model.outlined_by:
            return (yield from outlined(sightings, None, seen, None))
        outliner = self._load(model_named(model.outlined_by))
        seen, embedding = self._look(outliner, image)
        return (yield from outlined(sightings, outliner, seen, embedding))

    def _load(self, model: AssistModel) -> LoadedModel:
        if model.name not in self._models:
            while len(self._models) >= _MOST_MODELS:
                self._models.popitem(last=False)
            self._models[model.name] = _loaded_whole(model)
        self._models.move_to_end(model.name)
        return self._models[model.name]

    def _look(self, model: LoadedModel, image: Path) -> tuple[Seen, Embedding]:
        """The image as the model is shown it, and what it keeps of it."""
        key = (model.model.name, str(image), *_stamp(image))
        if key not in self._embeddings:
            seen = Seen(thumbnail(image, _LOOKED_AT_PX), size_hw(image))
            self._embeddings[key] = (seen, model.embed(seen.pixels))
            self._make_room()
        self._embeddings.move_to_end(key)
        return self._embeddings[key]

    def _make_room(self) -> None:
        while len(self._embeddings) > 1 and self._n_bytes() > _MOST_BYTES:
            self._embeddings.popitem(last=False)

    def _n_bytes(self) -> int:
        return sum(
            seen.pixels.nbytes + (0 if kept is None else embedding_bytes(kept))
            for seen, kept in self._embeddings.values()
        )


def _with_outliner(model: AssistModel) -> tuple[AssistModel, ...]:
    return (model, model_named(model.outlined_by)) if model.outlined_by else (model,)


def _loaded_whole(model: AssistModel) -> LoadedModel:
    try:
        return loaded(model)
    except AppError as error:
        if remove_damaged(model):
            raise AppError(
                f"A file of {model.title} was damaged on the disk, and is deleted. Try again: it"
                " is downloaded anew."
            ) from error
        raise


def _stamp(image: Path) -> tuple[int, int]:
    """Changes when a file does; (0, 0) where it cannot be read, which reading it will say."""
    try:
        found = image.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size
