"""What jobs that look at the machine, or show what the program does, are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DevicesConfig:
    """What computes here."""


@dataclass(frozen=True, slots=True)
class DemoConfig:
    """The whole loop on drawn images."""

    out: str
