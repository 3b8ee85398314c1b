"""What is found before a fine-tune: at once and closely, mended by a click and taken back."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.events import Progress
from core.project import Project
from core.readiness import Finding, Fix, LabelFix, SplitFix
from core.types import ImageLabels, Instance, Part, Split
from gui.session import Session
from gui.session.preflight import Preflight
from tests.gui.lessons import labelled_folder

CONFIG = TrainConfig("")
CROSSED = Part([(30, 30), (50, 50), (50, 30), (30, 50)])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two images with an outline that crosses itself, and a val image that is a copy."""
    folder = labelled_folder(tmp_path / "lessons")
    project = Project.open(folder)
    for key in ("01.png", "02.png"):
        loaded = project.read(key)
        crossed = Instance("x", project.classes[0].id, (CROSSED,))
        instances = (*loaded.labels.instances, crossed)
        project.write(key, replace(loaded.labels, instances=instances), stamp=loaded.stamp)
    project.assign_splits()
    (of_train, *_), (of_val, *_) = project.keys_of(Split.TRAIN), project.keys_of(Split.VAL)
    project.close()
    shutil.copy(folder / of_train, folder / of_val)
    return folder


@pytest.fixture
def preflight(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> Preflight:
    """When it has looked closely."""
    open_folder(photos)
    made = Preflight(session, session)
    with qtbot.waitSignal(made.changed):
        made.look()
    return made


def found(preflight: Preflight, word: str) -> Finding:
    (one,) = [one for one in preflight.findings(CONFIG) if word in one.sentence]
    return one


def fix_of(preflight: Preflight, word: str) -> Fix:
    fix = found(preflight, word).fix
    assert fix is not None
    return fix


def sentences(preflight: Preflight) -> str:
    return "\n".join(one.sentence for one in preflight.findings(CONFIG))


def mended(qtbot: QtBot, preflight: Preflight, act: Callable[[], object]) -> None:
    """Acts, and waits until it has looked closely again."""
    with qtbot.waitSignal(preflight.looked):
        act()
    qtbot.waitUntil(lambda: preflight.can_mend)


def labels(session: Session, key: str) -> ImageLabels:
    assert session.project is not None
    return session.project.read(key).labels


def test_what_is_known_at_once_is_there_before_the_closer_look(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    preflight = Preflight(session, session)
    assert preflight.findings(CONFIG) == ()
    steps: list[Progress] = []
    preflight.progressed.connect(steps.append)
    with qtbot.waitSignal(preflight.looked):
        preflight.look()
    assert "looked at by nobody" in sentences(preflight)
    assert not preflight.can_mend
    with qtbot.waitSignal(preflight.changed):
        pass
    assert "crosses itself" in sentences(preflight) or "cross themselves" in sentences(preflight)
    assert steps[0] == Progress(0, 14, "images looked at")
    assert preflight.can_mend


def test_outlines_are_mended_and_it_looks_again(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    fix = fix_of(preflight, "cross themselves")
    assert isinstance(fix, LabelFix)
    assert fix.keys == ("01.png", "02.png")
    with qtbot.waitSignal(preflight.told) as told:
        mended(qtbot, preflight, lambda: preflight.mend(fix))
    assert told.args == ["“Mend the outlines” changed 2 instances in 2 images."]
    assert "cross themselves" not in sentences(preflight)
    assert CROSSED not in labels(session, "01.png").instance("x").parts


def test_what_was_mended_is_taken_back(
    qtbot: QtBot, preflight: Preflight, session: Session, photos: Path
) -> None:
    files = [photos / "01.json", photos / "02.json"]
    before = [file.read_bytes() for file in files]
    assert not preflight.can_take_back
    fix = fix_of(preflight, "cross themselves")
    mended(qtbot, preflight, lambda: preflight.mend(fix))
    assert preflight.can_take_back
    mended(qtbot, preflight, preflight.take_back)
    assert [file.read_bytes() for file in files] == before
    assert "cross themselves" in sentences(preflight)
    assert not preflight.can_take_back


def test_what_is_not_saved_yet_in_the_open_image_is_kept(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    session.open_image("01.png")
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "01.png")
    document = session.document
    assert document is not None
    edited = replace(document.labels.instance("a"), class_id=2)
    others = tuple(one for one in document.labels.instances if one.id != "a")
    assert document.apply("Edit", replace(document.labels, instances=(edited, *others)))
    fix = fix_of(preflight, "cross themselves")
    mended(qtbot, preflight, lambda: preflight.mend(fix))
    assert document.labels.instance("a").class_id == 2
    assert CROSSED not in document.labels.instance("x").parts
    document.undo()
    assert document.labels.instance("a").class_id == 2
    assert CROSSED in document.labels.instance("x").parts


def test_copies_are_moved_into_one_split_and_back(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    assert session.project is not None
    before = dict(session.project.splits)
    fix = fix_of(preflight, "both learnt from and measured on")
    assert isinstance(fix, SplitFix)
    with qtbot.waitSignal(preflight.told) as told:
        mended(qtbot, preflight, lambda: preflight.mend(fix))
    assert told.args == ["1 image is in another split."]
    assert dict(session.project.splits) != before
    assert "both learnt from" not in sentences(preflight)
    mended(qtbot, preflight, preflight.take_back)
    assert dict(session.project.splits) == before


def test_a_move_can_be_taken_back_the_next_time_too(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    assert session.project is not None
    before = dict(session.project.splits)
    fix = fix_of(preflight, "both learnt from and measured on")
    mended(qtbot, preflight, lambda: preflight.mend(fix))
    preflight.close()
    another = Preflight(session, session)
    with qtbot.waitSignal(another.told) as told:
        mended(qtbot, another, another.look)
    assert told.args == ["Images were moved to another split earlier; that can be taken back."]
    assert another.can_take_back
    with qtbot.waitSignal(another.told) as told:
        mended(qtbot, another, another.take_back)
    assert told.args == ["1 image is in its split again."]
    assert dict(session.project.splits) == before
    assert not another.can_take_back


def test_a_move_is_taken_back_as_any_batch_is(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    assert session.project is not None
    before = dict(session.project.splits)
    fix = fix_of(preflight, "both learnt from and measured on")
    mended(qtbot, preflight, lambda: preflight.mend(fix))
    preflight.close()
    with qtbot.waitSignal(session.told) as told:
        session.take_back_prelabel()
    assert told.args == ["1 image is in its split again."]
    assert dict(session.project.splits) == before


def test_fixes_are_taken_back_in_their_order(
    qtbot: QtBot, preflight: Preflight, session: Session, photos: Path
) -> None:
    assert session.project is not None
    splits, bytes_before = dict(session.project.splits), (photos / "01.json").read_bytes()
    for word in ("cross themselves", "both learnt from"):
        fix = fix_of(preflight, word)
        mended(qtbot, preflight, lambda fix=fix: preflight.mend(fix))  # type: ignore[misc]
    mended(qtbot, preflight, preflight.take_back)
    assert dict(session.project.splits) == splits
    assert (photos / "01.json").read_bytes() != bytes_before
    mended(qtbot, preflight, preflight.take_back)
    assert (photos / "01.json").read_bytes() == bytes_before


def test_a_verdict_of_before_is_not_taken_back_where_a_fix_changed_nothing(
    qtbot: QtBot, preflight: Preflight, session: Session
) -> None:
    fix = fix_of(preflight, "cross themselves")
    assert isinstance(fix, LabelFix)
    mended(qtbot, preflight, lambda: preflight.mend(fix))
    other = Preflight(session, session)
    mended(qtbot, other, other.look)
    mended(qtbot, other, lambda: other.mend(fix))
    assert not other.can_take_back


def test_what_the_small_model_sees_is_said_where_it_is_chosen(
    qtbot: QtBot, preflight: Preflight
) -> None:
    assert preflight.outlook is not None
    assert preflight.readiness(CONFIG) is preflight.outlook.of_small
    big = replace(CONFIG, weights="big.pth")
    assert preflight.readiness(big) is preflight.outlook.readiness
    with_config = replace(CONFIG, model_config="model.yaml")
    assert preflight.readiness(with_config) is preflight.outlook.readiness


def test_it_looks_no_further_when_it_is_closed(
    qtbot: QtBot, session: Session, photos: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(photos)
    preflight = Preflight(session, session)
    with qtbot.waitSignal(preflight.looked):
        preflight.look()
    preflight.close()
    qtbot.waitUntil(lambda: not preflight.is_looking)
    assert "cross themselves" not in sentences(preflight)


def test_a_folder_that_cannot_be_written_to_says_so(
    qtbot: QtBot, preflight: Preflight, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.project is not None
    fix, leak = fix_of(preflight, "cross themselves"), fix_of(preflight, "both learnt from")
    monkeypatch.setattr(session.project, "read_only_reason", "Another window has it open.")
    for one in (fix, leak):
        with qtbot.waitSignal(preflight.told) as told:
            mended(qtbot, preflight, lambda one=one: preflight.mend(one))  # type: ignore[misc]
        assert "Another window has it open." in told.args[0]
    assert not preflight.can_take_back
