"""Frozen graphs as REAPER projects, and our processors as effects that REAPER runs: JSFX."""
