"""A program that edits and saves until it is killed; test_kill.py starts it.

Arguments: the folder; how many edits between two saves; where in a save it stops and waits to be
killed: never, fsync, before, after.

It prints "edit KEY ID" when an edit is in the journal, "saved KEY" when it is in the file, and
"waiting" where it stops.
"""

import itertools
import os
import sys
from dataclasses import replace
from pathlib import Path

from core.project import Project
from core.types import ImageState, Instance, Part, new_instance_id

_folder, _n_edits, _stop = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
_KEYS = ("a.png", "b.png")


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def _wait() -> None:
    _say("waiting")
    sys.stdin.read()


def _stop_in_a_save() -> None:
    fsync, swap = os.fsync, os.replace

    def stopping_fsync(descriptor: int) -> None:
        if _stop == "fsync":
            _wait()
        fsync(descriptor)

    def stopping_replace(source: Path, target: Path) -> None:
        is_save = target.parent == _folder and target.name != "maskloop.json"
        if _stop == "before" and is_save:
            _wait()
        swap(source, target)
        if _stop == "after" and is_save:
            _wait()

    os.fsync, os.replace = stopping_fsync, stopping_replace  # type: ignore[assignment]  # on purpose


def _edit_and_save(project: Project) -> None:
    jeans = project.add_class("jeans").id
    _stop_in_a_save()
    loaded = {key: project.read(key) for key in _KEYS}
    now = {key: one.labels for key, one in loaded.items()}
    stamps = {key: one.stamp for key, one in loaded.items()}
    for n in itertools.count(1):
        key = _KEYS[n % 3 == 0]
        x = n % 60
        part = Part([[x, 1], [x + 9, 1], [x + 9, 9]])
        instance = Instance(new_instance_id(), jeans, (part,))
        after = replace(
            now[key], instances=(*now[key].instances[-200:], instance), state=ImageState.STARTED
        )
        project.record_edit(key, now[key], after, stamp=stamps[key])
        now[key] = after
        _say("edit", key, instance.id)
        if n % _n_edits == 0:
            stamps[key] = project.write(key, after, stamp=stamps[key])
            _say("saved", key)


_edit_and_save(Project.open(_folder))
