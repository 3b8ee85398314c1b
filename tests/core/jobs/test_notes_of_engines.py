"""What an engine says while it predicts reaches whoever evaluates with it."""

from pathlib import Path

from core.configs import EvaluateConfig
from core.events import Noted
from core.jobs import all_jobs, run_job
from tests.core.jobs.test_evaluate import FAKE, make_project, split_of_most
from tests.core.tiring_engine import LOADED, TIRED, TiringShelf


def test_what_an_engine_says_while_it_is_evaluated_is_noted_once(tmp_path: Path) -> None:
    make_project(tmp_path / "photos", images=9)
    split = split_of_most(tmp_path / "photos")
    config = EvaluateConfig(folder=str(tmp_path / "photos"), engine=FAKE, split=split)
    events = run_job("evaluate", config, TiringShelf(), jobs=all_jobs())
    lasting = [one.sentence for one in events if isinstance(one, Noted) and one.lasts]
    assert lasting == [LOADED, TIRED]
