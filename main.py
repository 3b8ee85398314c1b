"""Maskloop: no arguments or a folder opens the window, a subcommand is the command line."""

import sys


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
