"""Metrics, baselines and evaluation suites."""
