"""The real worker, with the published weights at another address: mirrored_worker.py ADDRESS."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import worker
from core.maskrcnn import zoo_download

zoo_download.download.__kwdefaults__["base"] = sys.argv[1]
sys.exit(worker.serve())
