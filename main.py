"""Maskloop: no arguments or a folder opens the window, a subcommand is the command line."""

import os
import sys

# Threads of OpenMP that wait by spinning are several times slower where the cores are shared.
# It is read when torch is loaded, so it has to be said before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main() -> int:
    """The exit code of the program: 0 done, 1 an error that a person can act on, 2 usage."""
    if sys.argv[1:2] == ["--worker"]:
        from core.worker import serve

        return serve()
    from core.cli import SUBCOMMANDS, run

    if sys.argv[1:2] and sys.argv[1] in {*SUBCOMMANDS, "-h", "--help", "--version"}:
        return run(sys.argv[1:])
    from gui.app import open_window

    return open_window(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
