"""Maskloop: no arguments or a folder opens the window, a subcommand is the command line."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from core.before_torch import say_to_torch
from core.cli import SUBCOMMANDS

say_to_torch(os.environ)


def main() -> int:
    """The exit code of the program: 0 done, 1 an error that a person can act on, 2 usage."""
    arguments = sys.argv[1:]
    if find_spec("numpy") is None or find_spec("cv2") is None:
        sys.stderr.write(
            f"This Python, {sys.executable}, lacks the packages that Maskloop needs. `make setup`"
            " makes one that has them: .venv/bin/python main.py.\n"
        )
        return 1
    if arguments == ["--worker"]:
        from core.worker import serve

        return serve()
    if arguments and (arguments[0] in SUBCOMMANDS or not Path(arguments[0]).is_dir()):
        from core.cli.program import run

        return run(arguments)
    from gui.app import open_window

    return open_window(arguments)


if __name__ == "__main__":
    sys.exit(main())
