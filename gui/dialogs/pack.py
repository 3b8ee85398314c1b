"""Pack the project for another machine: what goes in, what a fine-tune there starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QWidget,
)

from core.configs import PackConfig, TrainConfig
from core.project import Project
from core.types import Split
from gui.dialogs.run_choices import offer_runs
from gui.session import Session, leaving
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import chosen
from gui.texts import n_images, n_instances, tr
from gui.widgets.dialog_layout import lay_out, words_label
from gui.widgets.path_row import PathRow
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import size_text

_SCRATCH = "none"


@dataclass(frozen=True, slots=True)
class PackCount:
    """What a pack would hold, and the runs that it can start from."""

    of_split: tuple[tuple[str, int], ...]
    n_instances: int
    n_bytes: int
    n_not_done: int
    runs: tuple[RunInfo, ...]

    @property
    def n_images(self) -> int:
        """The done images."""
        return sum(n for _, n in self.of_split)


def pack_count(project: Project) -> PackCount:
    """Counts it. For threads: it may read label files."""
    keys, splits = project.done_keys(), project.splits
    n_of = {split: sum(splits.get(key) is split for key in keys) for split in Split}
    n_of[Split.TRAIN] += sum(key not in splits for key in keys)
    summaries = [project.summary(key) for key in keys]
    n_instances = sum(sum(one.class_counts.values()) - one.n_predicted for one in summaries)
    n_bytes = 0
    for key in keys:
        path = project.image_path(key)
        n_bytes += path.stat().st_size if path.is_file() else 0
    return PackCount(
        tuple((str(split), n) for split, n in n_of.items()),
        n_instances,
        n_bytes,
        len(project.keys) - len(keys),
        run_infos(project.labels_folder),
    )


class PackDialog(QDialog):
    """Chooses the zip and the start weights; shows what goes in."""

    wanted = Signal(object)
    """PackConfig, without its folders."""

    def __init__(
        self, session: Session, parent: QWidget | None = None, *, train: TrainConfig | None = None
    ) -> None:
        """A dialog that counts what goes in.

        Args:
            session: with a project.
            parent: as of any QWidget.
            train: how the fine-tune there is to be; None: as is usual there.
        """
        super().__init__(parent)
        self._train = train
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Pack for another machine"))
        self._settings = session.settings
        self._chosen = chosen(session.settings)
        self._count: PackCount | None = None
        self.weights = WeightsField({_SCRATCH: tr("A small model, from scratch")})
        self.weights.changed.connect(lambda _: self._update())
        first = train.weights if train else session.settings.text("train_weights")
        self.weights.set_weights(first or _SCRATCH)
        self.file = PathRow(self._first_file(session), tr("Pack"), suffix="zip")
        self.file.changed.connect(self._update)
        intro = QLabel(
            tr(
                "One zip with the images that are done, their labels, COCO files, the model's"
                " config and a README: to fine-tune on a machine with a GPU, with Maskloop or"
                " detectron2."
            ),
            wordWrap=True,
        )
        self.words = words_label(self, tr("Counting…"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.pack_button = buttons.addButton(tr("Pack"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.pack_button.setToolTip(tr("Write the zip."))
        form = QFormLayout()
        form.addRow(tr("Start from"), self.weights)
        form.addRow(tr("File"), self.file)
        lay_out(self, intro, form, self.words, buttons=buttons)
        self._update()
        session.work.when_written(pack_count, self._on_counted)

    def accept(self) -> None:
        """As Qt asks; packing begins."""
        if (path := self.file.path) is None:
            return
        self._settings.set("export_folder", str(path.parent))
        weights = self.weights.weights or _SCRATCH
        is_chosen = weights == self._chosen.weights
        self.wanted.emit(
            PackConfig(
                folder=".",
                out=str(path),
                weights=weights,
                model_config=self._chosen.model_config if is_chosen else "",
                class_names=self._chosen.class_names if is_chosen else (),
                train=self._train,
            )
        )
        super().accept()

    def _first_file(self, session: Session) -> Path:
        remembered = session.settings.text("export_folder")
        name = f"{session.project.folder.name}.zip" if session.project else "project.zip"
        return (Path(remembered) if remembered else Path.home()) / name

    def _on_counted(self, count: PackCount) -> None:
        self._count = count
        offer_runs(self.weights.choices, count.runs)
        self._update()

    def _update(self) -> None:
        path, count = self.file.path, self._count
        is_zip = path is not None and path.suffix.lower() == ".zip"
        self.pack_button.setEnabled(is_zip and count is not None and count.n_images > 0)
        if count is not None:
            self.words.setText("\n".join(self._sentences(count, path if is_zip else None)))

    def _sentences(self, count: PackCount, path: Path | None) -> Sequence[str]:
        if not count.n_images:
            return [
                tr("No image is done, so there is nothing to pack. Label some and mark them done.")
            ]
        splits = ", ".join(f"{n} {split}" for split, n in count.of_split if n)
        n_done = count.n_images
        sentences = [
            tr("{images} ({splits}) with {instances}, about {size}.").format(
                images=tr("1 done image") if n_done == 1 else tr("%n done images", "", n_done),
                splits=splits,
                instances=n_instances(count.n_instances),
                size=size_text(count.n_bytes + self._n_bytes_of_weights()),
            )
        ]
        if count.n_not_done:
            staying = n_images(count.n_not_done)
            sentences.append(tr("Not done, and stays here: {images}.").format(images=staying))
        if path is None:
            sentences.append(tr("Name a file with its whole path that ends in .zip."))
        elif path.exists():
            sentence = tr("{file} is there already and will be replaced.")
            sentences.append(sentence.format(file=path.name))
        return sentences

    def _n_bytes_of_weights(self) -> int:
        file = Path(self.weights.weights)
        return file.stat().st_size if file.is_file() else 0


def open_pack_dialog(
    session: Session, parent: QWidget | None, *, train: TrainConfig | None = None
) -> None:
    """Asks where the pack shall go, and begins it; says so where no folder is open.

    Args:
        session: whose project is packed.
        parent: of the dialog.
        train: how the fine-tune there is to be; None: as is usual there.
    """
    if session.project is None:
        session.told.emit(tr("Open a folder first; then there is something to pack."))
        return
    dialog = PackDialog(session, parent, train=train)
    dialog.wanted.connect(partial(leaving.pack, session))
    dialog.open()
