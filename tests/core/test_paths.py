"""Folders of the user, also of one who has no home."""

from pathlib import Path

import platformdirs
import pytest

from core import paths


@pytest.mark.parametrize("name", ["user_cache", "user_data"])
def test_a_home_that_cannot_be_written_is_not_the_end(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def path(_app: str, *, appauthor: bool, ensure_exists: bool = False) -> Path:
        assert not appauthor
        if ensure_exists:
            raise PermissionError(13, "Permission denied")
        return tmp_path / name

    monkeypatch.setattr(platformdirs, f"{name}_path", path)
    assert getattr(paths, f"{name}_folder")() == tmp_path / name
