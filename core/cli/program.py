"""The command line: each subcommand runs a job and shows its events.

Exit codes: 0 done, 1 an error that a person can act on (one sentence on stderr), 2 usage.
"""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from functools import partial

from core import configs
from core.cli import show
from core.cli.compact import add_compact
from core.cli.leaving import add_commands_that_leave
from core.cli.prelabel import prelabelled
from core.cli.running import class_names_in, job_events, positive
from core.cli.train import add_train
from core.cli.zoo import add_zoo
from core.engines import engine_for
from core.errors import AppError
from core.formats import all_formats


def run(arguments: Sequence[str]) -> int:
    """Runs one subcommand; the exit code."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a name that the terminal's encoding lacks must not end the work; JSON is always UTF-8
        encoding = "utf-8" if options.json else sys.stdout.encoding
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    shown = show.Screen(as_json=options.json)
    try:
        options.command(options, shown)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="maskloop",
        description="Instance segmentation in one loop: pre-label, correct, fine-tune, export. "
        "Without a subcommand the window opens.",
    )
    parser.add_argument("--version", action="version", version="maskloop 0.1.0")
    commands = parser.add_subparsers(metavar="FOLDER | SUBCOMMAND", required=True)

    def add(name: str, command: Callable[..., None], summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.add_argument("--json", action="store_true", help="print events and result as JSON")
        sub.set_defaults(command=command)
        return sub

    _add_demo(add("demo", _demo, "the whole loop on drawn images"))
    _add_predict(add("predict", _predict, "detections of pictures as one COCO file"))
    _add_prelabel(add("prelabel", _prelabel, "predictions into a project, for you to correct"))
    _add_import(add("import", _import, "labels of another tool into a project"))
    _add_export(add("export", _export, "a project's labels for another tool"))
    add_train(add)
    _add_evaluate(add("evaluate", _evaluate, "COCO's AP of weights or of a detections file"))
    add_commands_that_leave(add)
    add_compact(add)
    add_zoo(add)
    add("doctor", _doctor, "what is installed, which devices and engines work")
    return parser


_Parser = argparse.ArgumentParser


def _add_engine(sub: _Parser, *, weights_required: bool = True) -> None:
    sub.add_argument(
        "--weights",
        required=weights_required,
        help="a zoo name, a file, or a folder of detectron2's",
    )
    sub.add_argument("--config", default="", help="detectron2's config.yaml of the weights")
    sub.add_argument("--classes", default="", metavar="names.txt", help="a class name a line")
    sub.add_argument("--score", type=_score, help="drop detections below; default: the config's")
    sub.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    sub.add_argument(
        "--engine", default="", metavar="NAME",
        help="maskrcnn, torchvision, detectron2 if installed; default: by the zoo name",
    )  # fmt: skip
    sub.add_argument("--exact", action="store_true", help="detectron2's arithmetic to the last bit")


def _add_project(sub: _Parser, *, optional: bool = False) -> None:
    sub.add_argument("folder", metavar="FOLDER", nargs="?" if optional else None, default="")
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")


def _add_demo(sub: _Parser) -> None:
    sub.add_argument("--out", default="build/demo", metavar="DIR")


def _add_predict(sub: _Parser) -> None:
    sub.add_argument("images", nargs="+", metavar="IMAGE_OR_FOLDER")
    _add_engine(sub)
    sub.add_argument("--coco", default="", metavar="GT.json", help="take ids from this file")
    sub.add_argument("--out", required=True, metavar="D.json")


def _add_prelabel(sub: _Parser) -> None:
    _add_project(sub)
    _add_engine(sub)
    sub.add_argument(
        "--map", nargs="+", action="extend", default=[], metavar="FROM=TO", type=_mapping,
        help="class of the weights = class of the project; an empty TO ignores the class",
    )  # fmt: skip
    sub.add_argument(
        "--fewer-points", action="store_true", help="outlines of about 11 vertices, not 16"
    )


def _add_import(sub: _Parser) -> None:
    sub.add_argument("source", metavar="FILE_OR_FOLDER")
    readable = sorted(name for name, one in all_formats().items() if one.read)
    sub.add_argument("--format", required=True, choices=readable)
    sub.add_argument("--into", required=True, metavar="FOLDER")
    sub.add_argument("--images", default="", metavar="DIR", help="where the images are")
    sub.add_argument("--labels", default="", metavar="DIR", help="where the project's labels live")


def _add_export(sub: _Parser) -> None:
    _add_project(sub)
    writable = sorted(name for name, one in all_formats().items() if one.write)
    sub.add_argument("--format", required=True, choices=writable)
    sub.add_argument("--out", required=True, metavar="PATH")
    sub.add_argument("--state", choices=["accepted", "all"], default="accepted")
    sub.add_argument("--split", choices=["train", "val", "test"], default="")


def _add_evaluate(sub: _Parser) -> None:
    _add_project(sub, optional=True)
    _add_engine(sub, weights_required=False)
    sub.add_argument("--split", choices=["train", "val", "test"], default="val")
    sub.add_argument("--ground-truth", default="", metavar="GT.json")
    sub.add_argument("--detections", default="", metavar="D.json")
    sub.add_argument("--effort", action="store_true", help="count the edits that are left to do")
    sub.add_argument("--report", default="", metavar="R.html", help="or R.json, to be read by code")
    sub.add_argument(
        "--details", action="store_true",
        help="tables by class and split, curves and the confusion matrix into the result of --json",
    )  # fmt: skip
    sub.add_argument(
        "--threshold", type=_score, help="of the confusion matrix and the sheets; default: best F1"
    )
    sub.add_argument(
        "--sheets", default="", metavar="DIR",
        help="pictures of the worst and of random images, labels beside predictions",
    )  # fmt: skip
    sub.add_argument(
        "--sheet-images", type=positive, default=16, metavar="N", help="how many of each"
    )
    sub.add_argument("--images", default="", metavar="DIR", help="where GT.json's images are")
    sub.set_defaults(fail=sub.error)


def _engine_config(options: argparse.Namespace) -> configs.EngineConfig:
    return configs.EngineConfig(
        weights=options.weights,
        engine=options.engine or engine_for(options.weights),
        model_config=options.config,
        class_names=class_names_in(options.classes),
        score=options.score,
        device=options.device,
        exact=options.exact,
    )


def _demo(options: argparse.Namespace, shown: show.Screen) -> None:
    shown.result_of(job_events("demo", configs.DemoConfig(options.out)), show.demo)


def _predict(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.PredictConfig(
        engine=_engine_config(options),
        images=tuple(options.images),
        out=options.out,
        coco=options.coco,
    )
    shown.result_of(job_events("predict", config), show.counts)


def _prelabel(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.PrelabelConfig(
        engine=_engine_config(options),
        folder=options.folder,
        labels_folder=options.labels,
        class_map=dict(options.map),
        fewer_points=options.fewer_points,
    )
    shown.result_of(prelabelled(config, partial(job_events, "prelabel")), show.counts)


def _score(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"a score lies between 0 and 1, not at {text}")
    return number


def _mapping(entry: str) -> tuple[str, str]:
    source, equals, target = entry.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"it takes FROM=TO, not {entry}")
    return source, target


def _import(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.ImportConfig(
        source=options.source,
        format=options.format,
        into=options.into,
        labels_folder=options.labels,
        images=options.images,
    )
    shown.result_of(job_events("import", config), show.counts)


def _export(options: argparse.Namespace, shown: show.Screen) -> None:
    config = configs.ExportConfig(
        folder=options.folder,
        format=options.format,
        out=options.out,
        labels_folder=options.labels,
        state=options.state,
        split=options.split,
    )
    shown.result_of(job_events("export", config), show.counts)


def _evaluate(options: argparse.Namespace, shown: show.Screen) -> None:
    of_project = bool(options.folder and options.weights)
    if of_project == bool(options.ground_truth and options.detections):
        options.fail("a FOLDER with --weights, or --ground-truth with --detections")
    config = configs.EvaluateConfig(
        folder=options.folder,
        labels_folder=options.labels,
        engine=_engine_config(options) if options.weights else None,
        split=options.split,
        ground_truth=options.ground_truth,
        detections=options.detections,
        with_effort=options.effort,
        with_recall=not options.json,  # programs find what they always found, without --details
        with_details=options.details,
        threshold=options.threshold,
        report=options.report,
        sheets=options.sheets,
        sheet_images=options.sheet_images,
        images=options.images,
    )
    shown.result_of(job_events("evaluate", config), show.evaluation)


def _doctor(_options: argparse.Namespace, shown: show.Screen) -> None:
    from core import doctor

    shown.findings(doctor.report())
