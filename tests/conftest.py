"""What tests of the window share, in one process or with its children."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")  # how long something takes says what else the machine does


@pytest.fixture
def window_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process as the window's is, with user folders of its own.

    As in the program (gui/widgets/garbage.py) no QObject may die in a worker's thread.
    """
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    gc.disable()
    yield
    gc.collect()
