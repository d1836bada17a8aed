"""Processors that shape the spectrum."""
