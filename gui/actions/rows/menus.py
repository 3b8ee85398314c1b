"""The menus: what they are called, in English, by which they are known too."""

from gui.texts import QT_TR_NOOP

FILE = QT_TR_NOOP("File")
EDIT = QT_TR_NOOP("Edit")
INSTANCE = QT_TR_NOOP("Instance")
TOOLS = QT_TR_NOOP("Tools")
REVIEW = QT_TR_NOOP("Review")
MODEL = QT_TR_NOOP("Model")
VIEW = QT_TR_NOOP("View")
LIVE = QT_TR_NOOP("Live")
HELP = QT_TR_NOOP("Help")
