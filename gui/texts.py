"""The texts of the window in the language of the person, where a translation of them is there.

Texts are written in English where they are used, each as one literal inside `tr`, so that Qt's
lupdate finds them (`make translations`). What names a row of a table and is shown later stands in
QT_TR_NOOP, and is translated where it is shown. Sentences of core are English: the command line
and the log say them too.
"""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

__all__ = [
    "QT_TR_NOOP",
    "n_classes",
    "n_images",
    "n_instances",
    "n_predictions",
    "n_vertices",
    "tr",
    "translate",
]

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "translations"


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """The text in the language of the person.

    Args:
        text: English. What changes is a name in braces, put in afterwards by str.format; a number
            that decides between singular and plural is "%n".
        comment: tells two equal texts of different meaning apart, and helps who translates.
        n: the number for "%n".
    """
    return QCoreApplication.translate("", text, comment or None, n)


def QT_TR_NOOP(text: str) -> str:
    """The text as it is, for lupdate to find; the one of PySide6 gives an object of no type."""
    return text


def n_classes(n: int) -> str:
    """ "1 class", "3 classes"."""
    return tr("1 class") if n == 1 else tr("%n classes", "", n)


def n_images(n: int) -> str:
    """ "1 image", "3 images"."""
    return tr("1 image") if n == 1 else tr("%n images", "", n)


def n_instances(n: int) -> str:
    """ "1 instance", "3 instances"."""
    return tr("1 instance") if n == 1 else tr("%n instances", "", n)


def n_predictions(n: int) -> str:
    """ "1 prediction", "3 predictions"."""
    return tr("1 prediction") if n == 1 else tr("%n predictions", "", n)


def n_vertices(n: int) -> str:
    """ "1 vertex", "3 vertices"."""
    return tr("1 vertex") if n == 1 else tr("%n vertices", "", n)


def translate(
    application: QCoreApplication,
    languages: Iterable[str] | None = None,
    *,
    folder: Path = _FOLDER,
) -> bool:
    """Shows texts in a language of the person from now on, those of Qt's own dialogs too.

    Args:
        application: that shows them.
        languages: as QLocale.uiLanguages names them, the best first; None: the system's.
        folder: with a maskloop_<language>.qm for each language.

    Returns:
        Whether there is a translation that is better for the person than English.
    """
    own, of_qt = QTranslator(application), QTranslator(application)
    for locale in map(QLocale, languages or QLocale.system().uiLanguages()):
        # Without a file of its own English would lose to a language that comes after it.
        if locale.language() is QLocale.Language.English:
            return False
        if own.load(locale, "maskloop", "_", str(folder)):
            application.installTranslator(own)
            where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if of_qt.load(locale, "qtbase", "_", where):
                application.installTranslator(of_qt)
            return True
    return False
