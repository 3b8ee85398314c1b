"""Which models keep their batch norm as it is in a fine-tune."""

from dataclasses import replace

import pytest

from core.maskrcnn.kept_norms import with_kept_norms
from core.maskrcnn.settings import small_settings, standard_settings
from core.maskrcnn.zoo_models import lsj_settings


def test_the_lsj_baselines_keep_all_their_norms() -> None:
    lsj = lsj_settings(50)
    kept = with_kept_norms(lsj, 46_000_000)
    norms = {"backbone_norm", "fpn_norm", "box_norm", "mask_norm"}
    assert {getattr(kept, name) for name in norms} == {"FrozenBN"}
    assert replace(kept, **{name: getattr(lsj, name) for name in norms}) == lsj


def test_a_part_without_norm_gets_none() -> None:
    assert with_kept_norms(standard_settings(), 44_000_000) == standard_settings()


def test_group_norm_needs_no_batch_and_learns() -> None:
    settings = replace(standard_settings(), backbone_norm="GN", fpn_norm="GN")
    assert with_kept_norms(settings, 44_000_000) == settings


@pytest.mark.parametrize("norm", ["BN", "SyncBN", "naiveSyncBN"])
def test_small_models_learn_their_norm(norm: str) -> None:
    settings = replace(small_settings(3), backbone_norm=norm)
    assert with_kept_norms(settings, 500_000) == settings
