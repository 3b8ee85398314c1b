"""Plots as SVG text, drawn without a window; what an SVG viewer of the Tiny 1.2 profile shows."""
