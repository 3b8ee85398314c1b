"""Where the program keeps what it ships, what it remembers, and what may be deleted."""

from functools import cache
from pathlib import Path

import platformdirs


@cache
def resources_folder() -> Path:
    """The folder of files that come with the program."""
    return Path(__file__).resolve().parent.parent / "resources"


def user_data_folder() -> Path:
    """Settings and the demo project; made when missing, if the system allows it."""
    try:
        return platformdirs.user_data_path("maskloop", appauthor=False, ensure_exists=True)
    except OSError:
        return platformdirs.user_data_path("maskloop", appauthor=False)


def user_cache_folder() -> Path:
    """Downloaded weights, thumbnails, indexes: all can be deleted.

    Made when missing, if the system allows it: who writes there has to look.
    """
    try:
        return platformdirs.user_cache_path("maskloop", appauthor=False, ensure_exists=True)
    except OSError:
        return platformdirs.user_cache_path("maskloop", appauthor=False)
