"""Processors that bend, quantise or follow the level of the signal."""
