"""R50-FPN to fine-tune in a benchmark: random weights that training does not blow up."""

import sys
from dataclasses import replace
from pathlib import Path

import torch

from core.maskrcnn.settings import standard_settings
from tests.bench._random_weights import with_fitting_norms, write_weights


def main() -> None:
    """Writes model.pth and config.yaml: `_training_weights.py FOLDER SHORT LONG CLASS...`."""
    out, short, long, *names = sys.argv[1:]
    settings = replace(
        standard_settings(50, num_classes=len(names)),
        min_size_test=int(short),
        max_size_test=int(long),
    )
    torch.set_num_threads(1)
    write_weights(Path(out), with_fitting_norms(settings), names)


if __name__ == "__main__":
    main()
