"""What a job is told: frozen, checked when built, to and from JSON.

A path is a plain string, absolute or below the working folder; an empty string means "not given".
"""

from core.configs.assistants import AssistConfig, AssistFetchConfig, AssistOfferConfig
from core.configs.compacting import COMPACT_KINDS, CompactConfig
from core.configs.evaluation import CompareConfig, EvaluateConfig
from core.configs.exchange import (
    ClassNamesConfig,
    ExportConfig,
    ExportModelConfig,
    ImportConfig,
    PackConfig,
    UnpackConfig,
)
from core.configs.live import LiveConfig
from core.configs.machine import DemoConfig, DevicesConfig
from core.configs.prediction import (
    DescribeConfig,
    EngineConfig,
    PredictConfig,
    PrelabelConfig,
    SegmentBoxConfig,
    WarmUpConfig,
)
from core.configs.training import ProbeConfig, ResumeConfig, TrainConfig
from core.configs.values import from_json, to_json

__all__ = [
    "COMPACT_KINDS",
    "AssistConfig",
    "AssistFetchConfig",
    "AssistOfferConfig",
    "ClassNamesConfig",
    "CompactConfig",
    "CompareConfig",
    "DemoConfig",
    "DescribeConfig",
    "DevicesConfig",
    "EngineConfig",
    "EvaluateConfig",
    "ExportConfig",
    "ExportModelConfig",
    "ImportConfig",
    "LiveConfig",
    "PackConfig",
    "PredictConfig",
    "PrelabelConfig",
    "ProbeConfig",
    "ResumeConfig",
    "SegmentBoxConfig",
    "TrainConfig",
    "UnpackConfig",
    "WarmUpConfig",
    "from_json",
    "to_json",
]
