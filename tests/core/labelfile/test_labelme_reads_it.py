"""labelme's own reader, in a process of its own (it brings PyQt5), takes every file of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.labelfile import write_labelfile
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from tests.core.labelfile.files import (
    NAMES,
    SQUARE,
    file_of,
    labels_of,
    polygon,
    read,
    ringed_part,
    square_part,
)

_READ_ALL = """
import json, sys
from labelme._label_file import LabelFile
for name in sys.argv[1:]:
    file = LabelFile(name)
    for shape in file.shapes:
        shape["mask"] = None if shape["mask"] is None else shape["mask"].tolist()
    print(json.dumps({"shapes": file.shapes, "flags": file.flags, "other": file.other_data}))
"""


def random_labels(seed: int) -> ImageLabels:
    random = np.random.default_rng(seed)
    instances = []
    for n in range(6):
        parts = tuple(
            Part(random.uniform(-10, 90, (5, 2)), tuple(random.uniform(0, 60, (hole, 3, 2))))
            for hole in random.integers(0, 3, random.integers(1, 3))
        )
        state = list(InstanceState)[n % 4]
        instances.append(Instance(f"{seed}-{n}", 1 + n % 2, parts, state, 0.5, crowd=n == 3))
    return labels_of(*instances, rejected=tuple(instances[:1]), state=ImageState.DONE)


def all_kinds() -> list[ImageLabels]:
    line = polygon([[1, 1], [2, 2]], shape_type="line")
    version_3 = {"label": "coat", "line_color": None, "points": SQUARE, "flags": None}
    nowhere = Part(square_part(200).outer, ringed_part().holes)
    made = [
        labels_of(),
        labels_of(Instance("i", 1, (ringed_part(), square_part(50), nowhere))),
        read(file_of(line, version_3, flags=None, checked=True)).labels,
        read(file_of(polygon(SQUARE, shape_type="rotation", score=0.9))).labels,
    ]
    return [*made, *(random_labels(seed) for seed in range(12))]


def read_by_labelme(files: list[Path]) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", _READ_ALL, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_labelmes_own_reader_takes_every_file_of_ours(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60)).save(tmp_path / "a.jpg")
    files = []
    for n, labels in enumerate(all_kinds()):
        files.append(tmp_path / f"{n}.json")
        data = write_labelfile(labels, image_path="a.jpg", class_names={**NAMES, 9: "other"})
        files[-1].write_bytes(data)

    read_back = read_by_labelme(files)

    for file, theirs in zip(files, read_back, strict=True):
        ours = json.loads(file.read_text(encoding="utf-8"))
        assert [one["points"] for one in theirs["shapes"]] == [
            one["points"] for one in ours["shapes"]
        ]
        assert theirs["other"]["maskloop"] == ours["maskloop"]
        assert [one["other_data"].get("maskloop") for one in theirs["shapes"]] == [
            one.get("maskloop") for one in ours["shapes"]
        ]
        for shape in theirs["shapes"]:
            if shape["shape_type"] == "mask":
                (x0, y0), (x1, y1) = shape["points"]
                assert np.array(shape["mask"]).shape == (y1 - y0 + 1, x1 - x0 + 1)
