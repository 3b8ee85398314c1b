"""What goes before a pre-label: what weights know, an engine loaded ahead, what computes here."""

from collections.abc import Generator
from dataclasses import replace

from core.configs import DescribeConfig, DevicesConfig, WarmUpConfig
from core.devices import device_report, imported, nvidia_smi, report_to_json
from core.engines import EngineShelf, spec_named, without_threshold
from core.events import Event, Finished, Noted
from core.jobs import JobSpec
from core.weights import description_to_json


def describe(config: DescribeConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is the WeightsDescription as JSON."""
    description = spec_named(config.engine.engine).describe(config.engine)
    yield Finished(description_to_json(description))


def warm_up(config: WarmUpConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Loads the engine that a pre-label with this config uses; the result says where it computes.

    Nothing is ever downloaded: an engine whose weights are elsewhere is left, with no device.
    """
    engine_config = without_threshold(config.engine)
    if not spec_named(engine_config.engine).describe(engine_config).is_here:
        yield Finished({"device": ""})
        return
    engine = yield from engines.engine(engine_config)
    yield from map(Noted, engine.notes)
    yield Finished({"device": engine.device})


def devices(config: DevicesConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is the DeviceReport as JSON."""
    torch, trouble = imported("torch")
    report = device_report(torch, nvidia_smi())
    if trouble:
        sentence = f"torch cannot be imported ({trouble})."
        report = replace(report, finding=replace(report.finding, sentence=sentence))
    yield Finished(report_to_json(report))


JOBS = (
    JobSpec("describe_weights", DescribeConfig, describe),
    JobSpec("warm_up", WarmUpConfig, warm_up),
    JobSpec("devices", DevicesConfig, devices),
)
