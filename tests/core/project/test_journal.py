import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import AppError
from core.project.journal import Journal, read_journal
from core.types import ImageLabels, Instance

Labels = Callable[..., ImageLabels]
New = Callable[..., Instance]


@pytest.fixture
def steps(labels: Labels, instance: New) -> list[ImageLabels]:
    """Labels with no, one, two and three instances."""
    return [labels(*(instance(name) for name in "abc"[:n])) for n in range(4)]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that is not there yet."""
    return Journal(tmp_path / "journal" / "now.jsonl")


def _missing(journal: Journal, stamp: str) -> int | None:
    missing = read_journal(journal.path)["a.png"].edits_missing_in(stamp)
    return None if missing is None else len(missing)


def test_an_edit_is_on_disk_when_record_returns(journal: Journal, steps: list[ImageLabels]) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    assert _missing(journal, "s0") == 1


def test_a_journal_without_edits_is_no_file(journal: Journal, steps: list[ImageLabels]) -> None:
    journal.saving("a.png", steps[0], stamp="s1")
    journal.saved("a.png", steps[0])
    journal.forget("a.png")
    journal.close()
    assert not journal.path.parent.exists()


def test_a_journal_is_empty_when_all_is_saved(journal: Journal, steps: list[ImageLabels]) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    journal.saved("a.png", steps[1])
    assert journal.path.read_bytes() == b""


def test_saving_one_image_leaves_the_edits_of_another(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.record("b.png", steps[0], steps[1], stamp="t0")
    journal.saving("b.png", steps[1], stamp="t1")
    journal.saved("b.png", steps[1])
    assert _missing(journal, "s0") == 1
    assert not read_journal(journal.path)["b.png"].edits_missing_in("t1")


def test_a_kill_before_the_file_is_replaced_leaves_the_edits_to_replay(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    assert _missing(journal, "s0") == 1


def test_a_kill_after_the_file_is_replaced_leaves_nothing_to_replay(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    assert _missing(journal, "s1") == 0


def test_an_edit_that_came_during_the_save_is_replayed_on_what_was_saved(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    journal.record("a.png", steps[1], steps[2], stamp="s0")
    journal.saved("a.png", steps[1])
    assert journal.has_pending("a.png")
    assert _missing(journal, "s1") == 1


def test_a_file_of_another_stamp_lacks_nothing_that_can_be_known(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    assert _missing(journal, "labelme was here") is None


def test_several_saves_are_told_apart(journal: Journal, steps: list[ImageLabels]) -> None:
    journal.record("other.png", steps[0], steps[1], stamp="t")
    for n in range(3):
        journal.record("a.png", steps[n], steps[n + 1], stamp=f"s{n}")
        journal.saving("a.png", steps[n + 1], stamp=f"s{n + 1}")
        journal.saved("a.png", steps[n + 1])
    assert [_missing(journal, f"s{n}") for n in range(1, 4)] == [2, 1, 0]


def test_forgotten_edits_are_not_replayed(journal: Journal, steps: list[ImageLabels]) -> None:
    journal.record("other.png", steps[0], steps[1], stamp="t")
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.forget("a.png")
    journal.record("a.png", steps[0], steps[2], stamp="x0")
    assert [
        one["stamp"] for one in read_journal(journal.path)["a.png"].edits_missing_in("x0") or ()
    ] == ["x0"]


def test_a_line_that_was_cut_off_spoils_only_itself(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    with journal.path.open("ab") as file:
        file.write(b'{"edit": "a.png", "stamp": "s0", "put": [{"id"')
    assert _missing(journal, "s0") == 1
    journal.record("a.png", steps[1], steps[2], stamp="s0")
    assert _missing(journal, "s0") == 2


def test_a_full_disk_is_a_sentence(
    journal: Journal, steps: list[ImageLabels], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(AppError, match=r"could not be written to the journal .*the disk is full"):
        journal.record("a.png", steps[0], steps[1], stamp="s0")
    assert not journal.has_pending("a.png")


def test_an_edit_with_half_a_character_is_written(
    journal: Journal, steps: list[ImageLabels], labels: Labels, instance: New
) -> None:
    after = labels(instance("a", attributes={"\ud800": "\udfff"}))
    journal.record("a.png", steps[0], after, stamp="s0")
    assert _missing(journal, "s0") == 1


def test_an_edit_that_comes_before_the_news_of_a_save_is_of_the_new_file(
    journal: Journal, steps: list[ImageLabels]
) -> None:
    journal.record("a.png", steps[0], steps[1], stamp="s0")
    journal.saving("a.png", steps[1], stamp="s1")
    journal.saved("a.png", steps[1])
    journal.record("a.png", steps[1], steps[2], stamp="s0")
    assert _missing(journal, "s1") == 1
    assert _missing(journal, "another program's") is None


def test_a_folder_that_was_unplugged_does_not_come_back_as_an_empty_one(
    tmp_path: Path, steps: list[ImageLabels]
) -> None:
    journal = Journal(tmp_path / "unplugged" / ".maskloop" / "journal" / "now.jsonl")
    with pytest.raises(AppError, match="is the disk still connected"):
        journal.record("a.png", steps[0], steps[1], stamp="s0")
    assert list(tmp_path.iterdir()) == []
