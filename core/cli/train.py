"""The subcommand that fine-tunes."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from core import configs
from core.cli import show
from core.cli.running import job_events, noted, positive
from core.cli.settings import settings_in
from core.configs.overriding import overridden, parsed
from core.jobs.train import is_follower
from core.types import Json
from core.wording import listed

Settings: TypeAlias = Mapping[str, Json]
_Add: TypeAlias = Callable[[str, Callable[..., None], str], argparse.ArgumentParser]

_OPTIONS = (
    "weights", "iterations", "checkpoint_every", "batch_size", "learning_rate", "device",
    "threads", "seed", "engine",
)  # fmt: skip
"""Those that are named as the settings are."""


def add_train(add: _Add) -> None:
    """Adds the subcommand."""
    sub = add("train", _train, "fine-tune on the done images of a project")
    sub.add_argument("folder", metavar="FOLDER", nargs="?", default="")
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")
    sub.add_argument(
        "--weights",
        help="a zoo name, a file, a folder of detectron2's, or none for scratch (the default)",
    )
    sub.add_argument("--config", default="", help="detectron2's config.yaml of the model")
    sub.add_argument("--iterations", type=positive, help="how many in all")
    sub.add_argument("--checkpoint-every", type=positive, metavar="N")
    sub.add_argument("--batch-size", type=positive)
    sub.add_argument("--learning-rate", type=float)
    sub.add_argument("--device", help="auto, cpu, cuda, cuda:1, mps")
    sub.add_argument("--gpus", type=positive, metavar="N", help="processes, one for each GPU")
    sub.add_argument("--threads", type=positive, help="default: all cores but one")
    sub.add_argument("--seed", type=int)
    sub.add_argument("--engine", help="whose loop learns: maskrcnn, or detectron2 if installed")
    add_settings(sub)
    sub.add_argument("--out", default="", metavar="RUN", help="the run folder to make")
    sub.add_argument("--resume", default="", metavar="RUN", help="go on with this run")
    sub.set_defaults(fail=sub.error)


def add_settings(sub: argparse.ArgumentParser) -> None:
    """Adds the options of a file of settings, and of single ones."""
    sub.add_argument("--settings", default="", metavar="FILE", help="settings as YAML or JSON")
    sub.add_argument(
        "--override", nargs="+", action="extend", default=[], metavar="KEY=VALUE",
        help="a setting by its name, or by detectron2's: SOLVER.BASE_LR=0.0025",
    )  # fmt: skip


def settings_of(
    options: argparse.Namespace, said: Settings | None = None
) -> tuple[Settings, Sequence[str]]:
    """The settings of the file, of options that say one, and of --override, the last word last;
    and sentences about the file.

    Raises:
        AppError: the file cannot be read, or a setting has no value.
    """
    in_file, notes = settings_in(Path(options.settings)) if options.settings else ({}, ())
    return {**in_file, **(said or {}), **parsed(options.override)}, notes


def _train(options: argparse.Namespace, shown: show.Screen) -> None:
    if options.resume:
        _require_its_own_settings(options)
    elif not options.folder:
        options.fail("a FOLDER to train on, or --resume RUN")
    if options.gpus and "TORCHELASTIC_RUN_ID" not in os.environ:
        raise SystemExit(_once_a_gpu(options.gpus))
    if options.resume:
        resume = configs.ResumeConfig(options.resume, device=options.device or "")
        _follow_or_show(job_events("resume", resume), shown)
        return
    plain = configs.TrainConfig(
        folder=options.folder,
        labels_folder=options.labels,
        model_config=options.config,
        out=options.out,
    )
    given = {name: getattr(options, name) for name in _OPTIONS}
    said = {name: value for name, value in given.items() if value is not None}
    settings, notes = settings_of(options, said)
    config = overridden(plain, settings)
    _follow_or_show(noted(notes, job_events("train", config)), shown)


def _require_its_own_settings(options: argparse.Namespace) -> None:
    """Fails where a run is to go on with settings that it was not begun with."""
    given = [name for name in _OPTIONS if name != "device" and getattr(options, name) is not None]
    given += [name for name in ("config", "settings", "override", "out") if getattr(options, name)]
    if given:
        named = listed([f"--{name.replace('_', '-')}" for name in given])
        options.fail(
            f"{named} cannot be changed with --resume: a run goes on with the settings that it was"
            " begun with, but for --device and --gpus. Begin a new one to change them."
        )


def _follow_or_show(events: show.Events, shown: show.Screen) -> None:
    """Shows what the run says, or, where another process leads it, does this one's share."""
    if is_follower():
        # before the processes have met it waits where Python hears no Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for _ in events:
            pass
    else:
        shown.result_of(events, show.training)


def _once_a_gpu(n_processes: int) -> int:
    """Runs this command once for each GPU; the exit code."""
    from core.training.launch import exit_code_of

    return exit_code_of(sys.argv, n_processes=n_processes)
