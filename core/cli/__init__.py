"""The command line. This package itself is light: the window's start looks into it."""

SUBCOMMANDS = (
    "demo", "predict", "prelabel", "import", "export", "train", "evaluate", "doctor",
    "export-model", "compact", "pack", "install-desktop", "uninstall-desktop",
    "unpack", "zoo",
)  # fmt: skip
