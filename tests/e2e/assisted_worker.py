"""The real worker, whose osam offers a model that draws discs in place of EfficientSAM 10M."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import osam

from core import worker
from tests.core.assist.made import Offered, disc_model

osam.apis.registered_model_types[:] = [Offered(disc_model()).kind]
sys.exit(worker.serve())
