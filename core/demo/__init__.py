"""The whole loop on drawn images, made of the jobs: what a newcomer runs first."""

from core.demo.loop import JOBS

__all__ = ["JOBS"]
