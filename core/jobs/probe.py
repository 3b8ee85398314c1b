"""Probe: how long a fine-tune would take on this device, from a few of its steps."""

from collections.abc import Generator

from core.configs import ProbeConfig
from core.engines import EngineShelf
from core.events import Event, Finished
from core.jobs import JobSpec
from core.maskrcnn.zoo import ZOO, zoo_path
from core.training.snapshot import taken

_MOST_IMAGES = 12
"""That are looked at: enough to be like the others, and read in a moment."""


def run(config: ProbeConfig, _engines: EngineShelf) -> Generator[Event, None, None]:
    """Writes nothing and downloads nothing; the result is that of core/training/probe.py.

    Where nothing can be measured and the fine-tune may work all the same, it is not_measured: why.

    Raises:
        AppError: the fine-tune would end in the same way.
    """
    weights = config.train.weights
    if weights in ZOO and not zoo_path(weights).is_file():
        yield Finished(
            {
                "not_measured": f"{weights} is not downloaded yet, so how long it takes cannot be"
                " measured before. The fine-tune downloads it first and then says how long the rest"
                " takes."
            }
        )
        return
    # Imported here, because all jobs are listed where most of them need no torch.
    from core.training.probe import probed

    found = yield from taken(config.train, most=_MOST_IMAGES)
    yield from probed(config, found)


JOBS = (JobSpec("probe", ProbeConfig, run),)
