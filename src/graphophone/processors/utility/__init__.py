"""Processors that route and place signals."""
