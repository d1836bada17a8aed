"""Generators of control signals."""
