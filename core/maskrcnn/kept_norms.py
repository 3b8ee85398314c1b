"""Batch norm that stays as weights have it, where a fine-tune shows too few images at a time."""

from dataclasses import replace

from core.maskrcnn.settings import BATCH_NORMS, ModelSettings

_BIG = 10_000_000
"""Numbers of a model from which on a device takes a few images at a time; R50 has 44 million."""
_NORMS = ("backbone_norm", "fpn_norm", "box_norm", "mask_norm")


def with_kept_norms(settings: ModelSettings, n_numbers: int) -> ModelSettings:
    """The same model, whose batch norm does not learn where that would spoil big weights.

    Means and deviations of 2 to 4 images are too far from those of the 64 that the LSJ baselines
    were trained with: at 2 a worker ResNet-50's error on ImageNet is 34.7 %, at 32 it is 23.6 (Wu
    and He 2018, table 2). Parameters keep their names; group norm and small models stay as they
    are.

    Args:
        settings: of the weights that a fine-tune begins with.
        n_numbers: in these weights.
    """
    if n_numbers < _BIG:
        return settings
    kept = {name: "FrozenBN" for name in _NORMS if getattr(settings, name) in BATCH_NORMS}
    return replace(settings, **kept)  # type: ignore[arg-type]  # each is the name of a norm
