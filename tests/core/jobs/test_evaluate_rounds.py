"""An evaluation says what the rounds of its project came to on the same images."""

import json
from pathlib import Path

from core import kept_evaluations
from tests.core.jobs.test_evaluate import FAKE, evaluate, make_project, result_of, split_of_most


def test_the_rounds_of_the_project_are_in_the_report_and_in_the_json(tmp_path: Path) -> None:
    project = tmp_path / "project"
    make_project(project)
    split, hidden = split_of_most(project), project / ".maskloop"
    folder = hidden / "runs" / "2026-11-01_101112_train"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "best.pth").touch()
    settings = {"folder": str(project), "engine": FAKE, "split": split, "with_effort": True}
    kept = hidden / "evaluations" / "one"
    said = result_of(evaluate(**settings, keep=str(kept)))
    assert "rounds" not in said
    assert "2026-11-01 10:11" in (kept / kept_evaluations.REPORT).read_text()
    # the same was measured of the weights of the run
    numbers = json.loads((kept / "numbers.json").read_text())
    numbers["heading"]["weights"] = str(folder / "best.pth")
    (kept / "numbers.json").write_text(json.dumps(numbers))
    result_of(evaluate(**settings, report=str(tmp_path / "all.json")))
    (one,) = json.loads((tmp_path / "all.json").read_text())["rounds"]
    assert one["mask_ap"] == said["segm"]["AP"]
    assert one["edits"] == said["effort"]["edits_per_instance"]
    result_of(evaluate(**settings, report=str(tmp_path / "all.html")))
    html = (tmp_path / "all.html").read_text()
    assert "<h2>AP and effort from round to round</h2>" in html
    assert f'<td>2026-11-01 10:11</td><td class="number">{one["mask_ap"]:.1f}</td>' in html
