"""The subcommand compact: which form its options ask for."""

from collections.abc import Iterator

import pytest

from core.cli.program import run
from core.configs import CompactConfig
from core.events import Event, Failed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CompactConfig]:
    """What the job was asked for, which is not done."""
    configs: list[CompactConfig] = []

    def job(_: str, config: CompactConfig) -> Iterator[Event]:
        configs.append(config)
        yield Failed("Enough.")

    monkeypatch.setattr("core.cli.compact.job_events", job)
    return configs


@pytest.mark.parametrize(
    ("options", "to"),
    [
        ("--to onnx --int8", "onnx-int8"),
        ("--int8 --to onnx", "onnx-int8"),
        ("--to onnx-int8 --int8", "onnx-int8"),
        ("--to int8 --int8", "int8"),
        ("--to onnx", "onnx"),
        ("--to half", "half"),
    ],
)
def test_8_bits_can_be_asked_for_beside_onnx(
    options: str, to: str, asked: list[CompactConfig]
) -> None:
    assert run(["compact", "w.pth", "--project", "photos", *options.split()]) == 1
    assert (asked[0].to, asked[0].out) == (to, f"w-{to}")


def test_half_precision_in_8_bits_is_a_wrong_use(
    asked: list[CompactConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(["compact", "w.pth", "--to", "half", "--int8"])
    assert left.value.code == 2
    assert "half is not 8 bits" in capsys.readouterr().err
    assert not asked
