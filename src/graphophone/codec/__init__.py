"""Graphs as token sequences, text, JSON and drawings, and back."""
