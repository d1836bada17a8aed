"""Graphs as programs in Faust, and the processors written in it."""
