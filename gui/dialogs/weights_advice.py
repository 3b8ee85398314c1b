"""Which weights to take here, in a line."""

from collections.abc import Iterable

from core.devices import DeviceReport
from core.engines import all_engines
from core.weights import PublishedWeights, usual_of
from gui.session import Session
from gui.texts import tr


def usual_here(
    published: Iterable[PublishedWeights], report: DeviceReport | None, device: str
) -> PublishedWeights | None:
    """What a new project begins with on the device of the settings.

    Args:
        published: what the engine can fetch.
        report: what computes here; None while that is not known.
        device: as in the settings.
    """
    if report is None:
        return None
    return usual_of(published, has_gpu=report.device(device).name != "cpu")


def usual_that_is_here(session: Session) -> str:
    """The weights that a fine-tune of a new project begins with; empty where they are elsewhere.

    A fine-tune that downloads something is one that a person has asked for.
    """
    report, device = session.model.engine.report, session.settings.text("device")
    usual = usual_here(all_engines()["maskrcnn"].published(), report, device)
    return usual.name if usual is not None and usual.is_here else ""


def advice(usual: PublishedWeights | None, *, has_runs: bool) -> str:
    """What to take; empty where nothing is better than the rest."""
    if has_runs:
        return tr("The newest run of this folder knows your classes best. Take it to go on.")
    if usual is None:
        return ""
    if usual.usual_on == "gpu":
        return tr(
            "To begin with, take {weights}: the best that is not slow on this computer's GPU."
        ).format(weights=usual.short_title)
    return tr(
        "To begin with, take {weights}: on a CPU it is much quicker than those with more AP."
    ).format(weights=usual.short_title)
