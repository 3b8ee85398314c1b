"""Plots as SVG text, drawn without a window."""
