"""Models of the SAM family that a test makes, in a home folder of its own."""

from pathlib import Path

import osam
import pytest

from tests.core.assist.made import Offered, disc_model


@pytest.fixture
def discs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offered:
    """The model that draws discs, downloaded, in place of EfficientSAM 10M."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("OSAM_BLOB_ENDPOINT", raising=False)
    offered = Offered(disc_model())
    offered.made.put_there()
    monkeypatch.setattr(osam.apis, "registered_model_types", [offered.kind])
    return offered
