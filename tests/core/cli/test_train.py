"""What `maskloop train` says of options that do not go together."""

import pytest

from core.cli.program import run


@pytest.mark.parametrize(
    "options", [["--iterations", "500"], ["--override", "SOLVER.BASE_LR=0.1"], ["--out", "new"]]
)
def test_settings_of_a_run_that_goes_on_cannot_be_changed(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["train", "--resume", "some_run", *options])
    assert ended.value.code == 2
    assert f"{options[0]} cannot be changed with --resume" in capsys.readouterr().err


def test_a_run_that_goes_on_takes_another_device(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--resume", "no_such_run", "--device", "cpu"]) == 1
    assert "no_such_run" in capsys.readouterr().err


def test_without_a_folder_nothing_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["train", "--gpus", "2"])
    assert ended.value.code == 2
    assert "a FOLDER to train on" in capsys.readouterr().err
