"""Processors built on delay lines."""
