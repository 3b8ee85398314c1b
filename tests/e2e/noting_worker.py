"""The real worker, which notes what it is asked for: noting_worker.py LOG_FILE."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import worker

_run_job = worker.run_job


def _noted(job: str, config: Any, *rest: Any, **named: Any) -> Iterator[Any]:
    with open(sys.argv[1], "a", encoding="utf-8") as log:
        log.write(json.dumps({"job": job, "config": config}) + "\n")
    return _run_job(job, config, *rest, **named)


worker.run_job = _noted
sys.exit(worker.serve())
