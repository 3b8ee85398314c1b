"""labelme's window on a folder: how long a text in its search of files takes. A child of
search_sort."""

import json
import statistics
import sys
import time

from labelme.app import MainWindow
from PyQt5 import QtCore, QtWidgets

_TEXTS = ("IMG_4", "IMG_49", "IMG_48")


def _typed(text: str) -> float:
    begin = time.perf_counter()
    window._docks.file_search.setText(text)
    window._docks.file_list.viewport().grab()
    return time.perf_counter() - begin


def _search() -> None:
    times = [_typed(text) for text in _TEXTS]
    sys.stdout.write(json.dumps(statistics.median(times)) + "\n")
    sys.stdout.flush()
    application.exit(0)


application = QtWidgets.QApplication(sys.argv[:1])
window = MainWindow(config_file=None, config_overrides={}, file_or_dir=sys.argv[1])
window.show()
QtCore.QTimer.singleShot(0, _search)
QtCore.QTimer.singleShot(120_000, lambda: application.exit(3))
application.exec_()
