"""What the tools of assisted drawing share: the hint, and what was found by text."""

from collections.abc import Callable, Iterable, Mapping

from core import edits
from core.errors import AppError
from core.events import Assisted
from core.merge import ASKED_FOR, unjudged
from core.types import ImageLabels, ImageState, Instance, InstanceState, new_instance_id
from gui.canvas.found import NO_PICTURE
from gui.canvas.stage import Stage
from gui.session.assist import Assist, Prompt
from gui.texts import QT_TR_NOOP, tr

NOTHING_THERE = QT_TR_NOOP(
    "The assistant sees nothing there. Point somewhere else in the object, or draw it with Polygon"
    " (P)."
)
_NOT_HERE = QT_TR_NOOP("Assisted drawing needs an open folder.")


class Assistance:
    """How a tool asks about the image on its stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def session(self) -> Assist | None:
        """What asks the engine's process; None on a canvas that stands alone."""
        return self._stage.assist

    @property
    def is_asked(self) -> bool:
        """Whether an answer is awaited."""
        return self.session is not None and self.session.is_asked

    def hint(self, otherwise: str) -> str:
        """How far the assistant is; `otherwise`, where there is nothing to say about that."""
        return tr(_NOT_HERE) if self.session is None else self.session.words or otherwise

    def hint_while_asked(self) -> str:
        """What there is to wait for."""
        return " ".join((self.hint(tr("The assistant looks.")), tr("Esc gives it up.")))

    def begin(self) -> None:
        """The tool is taken, or another image is on the stage."""
        if self.session is not None and self._stage.has_document:
            self.session.begin(self._stage.document.key)

    def end(self) -> None:
        """Another tool takes over, or the image goes: no answer comes any more."""
        if self.session is not None:
            self.session.end()

    def own_class_id(self, found: Assisted) -> int | None:
        """The class that the own weights see, as one of the folder; None where it is none."""
        if self.session is None or not found.class_names:
            return None
        wanted = self.session.own.targets().get(found.class_names[0])
        named = (one for one, name in self._stage.class_names.items() if name == wanted)
        return next(named, None)

    def why_not_own(self) -> str:
        """Why the own weights cannot outline in a box, or an empty string."""
        if self.session is None:
            return ""
        try:
            self.session.own.engine()
        except AppError as error:
            return str(error)
        return ""

    def own_names_of(self, class_id: int | None) -> tuple[str, ...]:
        """The classes of the own weights that are this one in the folder; empty where none is."""
        wanted = self._stage.class_names.get(class_id) if class_id is not None else None
        if self.session is None or not wanted:
            return ()
        return tuple(name for name, to in self.session.own.targets().items() if to == wanted)

    def forget(self) -> None:
        """Lets an answer that is awaited not come."""
        if self.session is not None:
            self.session.forget()

    def ask(
        self,
        then: Callable[[Assisted | None], object],
        *,
        points: Iterable[tuple[float, float, bool]] = (),
        box_xyxy: tuple[float, float, float, float] | None = None,
        text: str = "",
        by_own_weights: bool = False,
        class_names: tuple[str, ...] = (),
    ) -> None:
        """Asks; `then` gets the answer, or None where none comes. The last two are as a Prompt
        has them."""
        if self.session is None or self._stage.pixels() is None:
            # an answer in pixels of another image than the labels' would lie anywhere
            self._stage.refused.emit(tr(_NOT_HERE if self.session is None else NO_PICTURE))
            then(None)
            return
        key = self._stage.document.key
        prompt = Prompt(key, tuple(points), box_xyxy, text, by_own_weights, class_names)
        self.session.ask(prompt, then)


def with_found(
    labels: ImageLabels,
    found: Assisted,
    *,
    text: str,
    class_names: Mapping[int, str],
    current_class_id: int | None,
) -> ImageLabels:
    """The labels with what a text found, as predictions for a person to review.

    They are of the class that is called like the text, else of the current one. What a person
    judged already is left out, and what is predicted there already.

    Raises:
        AppError: the image is done, there is no class for them, or nothing new was found.
    """
    if labels.state is ImageState.DONE:
        raise AppError(tr("This image is done, and predictions change nothing in a done image."))
    wanted = text.casefold()
    named = (one for one, name in class_names.items() if name.casefold() == wanted)
    class_id = next(named, current_class_id)
    if class_id is None:
        sentence = tr(
            "No class is called “{text}”, and none is current. Choose the class of what is found,"
            " or add one of this name, and ask again."
        )
        raise AppError(sentence.format(text=text))
    predicted = [
        Instance(
            new_instance_id(), class_id, parts, state=InstanceState.PREDICTED,
            score=min(max(score, 0.0), 1.0), source=f"{ASKED_FOR}{text}",
        )
        for parts, score in zip(found.parts, found.scores, strict=True)
    ]  # fmt: skip
    new = unjudged(edits.all_accepted(labels), predicted)  # predictions count, too
    if not new:
        all_there = tr("Nothing new was found for “{text}”: all of it is labelled already.")
        none_seen = tr("Nothing new was found for “{text}”: the assistant sees none.")
        raise AppError((all_there if predicted else none_seen).format(text=text))
    return edits.with_instances_added(labels, new)
