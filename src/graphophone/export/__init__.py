"""Graphs for other programs: one file a target, and a word on what each could not carry."""
