"""A translation that is there is shown."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from gui.texts import QT_TR_NOOP, n_images, tr, translate

ROOT = Path(__file__).resolve().parents[2]
POLISH = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pl_PL">
<context>
    <name></name>
    <message>
        <source>{name} is outlined</source>
        <translation>Obrys: {name}</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>what is done</comment>
        <translation>Otwórz</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>how it is</comment>
        <translation>Otwarty</translation>
    </message>
    <message numerus="yes">
        <source>%n images</source>
        <translation>
            <numerusform>%n obraz</numerusform>
            <numerusform>%n obrazy</numerusform>
            <numerusform>%n obrazów</numerusform>
        </translation>
    </message>
</context>
</TS>
"""
START = """
import sys
from functools import partial
from pathlib import Path
from gui import app, texts

app.translate = partial(texts.translate, languages=["pl-PL"], folder=Path(sys.argv[1]))
application = app.made_application()
print(texts.n_images(5), application.applicationName(), len(application.allWidgets()))
"""


@pytest.fixture
def translations(tmp_path: Path) -> Path:
    """A folder with a translation into Polish, which has three forms of a number."""
    source = tmp_path / "maskloop_pl.ts"
    source.write_text(POLISH, "utf-8")
    lrelease = shutil.which("lrelease", path=str(Path(*PySide6.__path__)))
    assert lrelease
    subprocess.run([lrelease, "-silent", str(source)], check=True, timeout=60)
    return tmp_path


@pytest.fixture
def translated(qapp: QApplication, translations: Path) -> Iterator[Callable[..., bool]]:
    """Translates into the first of these languages that is there."""
    before = qapp.findChildren(QTranslator)
    yield lambda *languages: translate(qapp, languages, folder=translations)
    for one in qapp.findChildren(QTranslator):
        if one not in before:
            qapp.removeTranslator(one)
            one.deleteLater()


def test_a_text_is_shown_in_the_language_of_the_person(
    translated: Callable[..., bool],
) -> None:
    marked = QT_TR_NOOP("{name} is outlined")
    assert translated("pl-PL")
    assert tr("{name} is outlined").format(name="skirt") == "Obrys: skirt"
    assert tr(marked).format(name="skirt") == "Obrys: skirt"


def test_a_number_has_the_forms_of_the_language(translated: Callable[..., bool]) -> None:
    assert translated("pl-PL")
    assert [n_images(n) for n in (2, 5, 21, 22)] == [
        "2 obrazy",
        "5 obrazów",
        "21 obrazów",
        "22 obrazy",
    ]


def test_equal_texts_of_another_meaning_are_told_apart(translated: Callable[..., bool]) -> None:
    assert translated("pl-PL")
    assert tr("Open", "what is done") == "Otwórz"
    assert tr("Open", "how it is") == "Otwarty"


def test_what_is_not_translated_is_shown_in_english(translated: Callable[..., bool]) -> None:
    assert translated("pl-PL")
    assert [tr("1 image"), tr("%n vertices", "", 4), tr("")] == ["1 image", "4 vertices", ""]


def test_the_buttons_of_qt_are_in_the_same_language(translated: Callable[..., bool]) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert translated("pl-PL")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Anuluj"


@pytest.mark.parametrize(
    ("languages", "shown"),
    [
        (["fr-FR", "fr"], "5 images"),
        (["fr-FR", "fr", "pl-PL"], "5 obrazów"),
        (["en-Latn-GB", "en", "pl-PL"], "5 images"),
        (["C"], "5 images"),
    ],
)
def test_the_best_language_of_the_person_is_shown_english_among_them(
    translated: Callable[..., bool], languages: list[str], shown: str
) -> None:
    assert translated(*languages) is (shown != "5 images")
    assert n_images(5) == shown


def test_a_start_translates_before_anything_is_built(translations: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(translations)],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100, check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.stdout.split("\n")[0] == "5 obrazów maskloop 0", done.stderr
