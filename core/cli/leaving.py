"""Subcommands for what leaves and comes back: a model, a pack, a run, the entry in the menu."""

import argparse
from collections.abc import Callable

from core import configs, desktop
from core.cli import show
from core.cli.running import class_names_in, job_events, noted
from core.cli.train import add_settings, settings_of
from core.configs.overriding import overridden

Add = Callable[[str, Callable[..., None], str], argparse.ArgumentParser]


def add_commands_that_leave(add: Add) -> None:
    """Adds them to the command line."""
    sub = add("export-model", _export_model, "weights as a folder that loads without the project")
    sub.add_argument("--weights", required=True, metavar="RUN_OR_FILE", help="or a zoo name")
    _add_what_goes_with_weights(sub)
    sub.add_argument("--half", action="store_true", help="two bytes a number: half the size")
    sub.add_argument("--out", required=True, metavar="DIR", help="the folder to make, or a zip")

    sub = add("pack", _pack, "the done images as a zip, to fine-tune on another machine")
    sub.add_argument("folder", metavar="FOLDER")
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")
    sub.add_argument("--weights", default="", help="what to start from; default: from scratch")
    _add_what_goes_with_weights(sub)
    add_settings(sub)
    sub.add_argument("--out", required=True, metavar="P.zip")

    sub = add("unpack", _unpack, "a run from another machine into its project")
    sub.add_argument("source", metavar="RUN_OR_ZIP", help="also detectron2's output folder")
    sub.add_argument("folder", metavar="FOLDER")
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")
    sub.add_argument(
        "--classes", default="", metavar="names.txt",
        help="a class name a line, of detectron2's weights that nothing names",
    )  # fmt: skip

    add("install-desktop", _install_desktop, "an entry in the menu of a Linux desktop")
    add("uninstall-desktop", _uninstall_desktop, "takes that entry away")


def _add_what_goes_with_weights(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", default="", help="detectron2's config.yaml of the weights")
    sub.add_argument("--classes", default="", metavar="names.txt", help="a class name a line")


def _export_model(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.ExportModelConfig(
        weights=options.weights,
        out=options.out,
        model_config=options.config,
        class_names=class_names_in(options.classes),
        half_precision=options.half,
    )
    shown.result_of(job_events("export_model", config), show.counts)


def _pack(options: argparse.Namespace, shown: show.Screen) -> None:
    settings, notes = settings_of(options)
    train = overridden(configs.TrainConfig(folder=options.folder), settings)
    config = configs.PackConfig(
        folder=options.folder,
        out=options.out,
        labels_folder=options.labels,
        weights=options.weights or train.weights,
        model_config=options.config or train.model_config,
        class_names=class_names_in(options.classes),
        train=train,
    )
    shown.result_of(noted(notes, job_events("pack", config)), show.counts)


def _unpack(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.UnpackConfig(
        source=options.source,
        folder=options.folder,
        labels_folder=options.labels,
        class_names=class_names_in(options.classes),
    )
    shown.result_of(job_events("unpack", config), show.counts)


def _install_desktop(_options: argparse.Namespace, shown: show.Screen) -> None:
    entry = desktop.install_entry(desktop.data_home(), desktop.program())
    shown.done({"entry": str(entry)}, f"Maskloop is in the menu now: {entry}")


def _uninstall_desktop(_options: argparse.Namespace, shown: show.Screen) -> None:
    desktop.remove_entry(desktop.data_home())
    shown.done({}, "Maskloop is in the menu no more.")
