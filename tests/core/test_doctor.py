"""What the doctor says of machines that this one is not."""

import sys
from pathlib import Path

import pytest

from core.devices import Card, imported
from core.doctor import (
    assist_finding,
    disk_finding,
    free_bytes_at,
    package_findings,
    python_finding,
    qt_finding,
    report,
    torch_finding,
)


def test_this_machine_gets_a_report_of_everything() -> None:
    findings = {finding.name: finding for finding in report()}
    assert {
        "Python",
        "Packages",
        "torch",
        "Device",
        "Engine maskrcnn",
        "Assistants",
        "Zoo",
        "Disk",
    } <= set(findings)
    assert findings["Python"].state == "ok"
    assert findings["torch"].state == "ok"
    assert all(finding.sentence.endswith(".") for finding in findings.values())


def test_a_machine_without_torch_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    findings = {finding.name: finding for finding in report()}
    assert findings["torch"].state == "missing"
    assert "pip install torch torchvision" in findings["torch"].help
    assert findings["Device"].state == "missing"


def test_a_torchvision_of_another_torch_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    torch, _ = imported("torch")
    monkeypatch.setitem(sys.modules, "torchvision", None)
    finding = torch_finding(torch, "")
    assert finding.state == "missing"
    assert "torchvision does not load" in finding.sentence


def test_the_assistants_that_are_here_are_named() -> None:
    finding = assist_finding(["EfficientSAM 10M"], ["CPUExecutionProvider"], [])
    assert finding.state == "ok"
    assert "ONNX Runtime (CPU); EfficientSAM 10M downloaded." in finding.sentence


def test_a_card_that_onnx_runtime_cannot_use_is_told() -> None:
    card = Card("NVIDIA RTX 4090", (8, 9))
    finding = assist_finding([], ["CPUExecutionProvider"], [card])
    assert finding.state == "warn"
    assert "nothing was downloaded yet" in finding.sentence
    assert "RTX 4090" in finding.help
    with_cuda = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert assist_finding([], with_cuda, [card]).state == "ok"


def test_a_machine_without_osam_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osam", None)
    findings = {finding.name: finding for finding in report()}
    assert findings["Assistants"].state == "missing"
    assert "pip install osam" in findings["Assistants"].help


def test_an_old_python_is_refused() -> None:
    assert python_finding((3, 10, 4)).state == "missing"
    assert python_finding((3, 13, 0)).state == "ok"


def test_missing_packages_are_named_with_the_command_that_installs_them() -> None:
    (finding,) = package_findings({"torch": "2.15"})
    assert finding.state == "missing"
    assert "shapely" in finding.help


@pytest.mark.parametrize(("python", "is_warned"), [((3, 11), True), ((3, 12), False)])
def test_the_pyside_that_aborts_is_warned_of(python: tuple[int, int], is_warned: bool) -> None:
    findings = package_findings({"PySide6-Essentials": "6.12.0"}, python=python)
    assert ("PySide6" in {finding.name for finding in findings}) is is_warned


def test_two_opencvs_are_warned_of() -> None:
    both = {"opencv-python": "5.0", "opencv-python-headless": "5.0"}
    assert "OpenCV" in {finding.name for finding in package_findings(both)}


def test_a_full_disk_is_warned_of() -> None:
    assert disk_finding(1 << 30).state == "warn"
    assert disk_finding(1 << 40).state == "ok"


def test_a_home_that_cannot_be_written_is_warned_of(tmp_path: Path) -> None:
    assert free_bytes_at(tmp_path / "nowhere") is None
    assert (free_bytes_at(tmp_path) or 0) > 0
    assert disk_finding(None).state == "warn"


@pytest.mark.parametrize(
    ("library", "package", "state"),
    [("libEGL.so.1", "libegl1", "missing"), ("libxcb-cursor.so.0", "libxcb-cursor0", "warn")],
)
def test_missing_libraries_of_qt_come_with_the_line_that_installs_them(
    library: str, package: str, state: str
) -> None:
    finding = qt_finding(lambda name: name != library)
    assert finding.state == state
    assert finding.help.endswith(f"install {package}`.")


def test_all_libraries_of_qt_are_fine() -> None:
    assert qt_finding(lambda _name: True).state == "ok"
