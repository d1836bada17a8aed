"""Graphs as Python scripts for Spotify's pedalboard."""
