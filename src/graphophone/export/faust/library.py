"""Our processors in Faust: ``definitions/*.dsp``, which use nothing of Faust's own libraries."""

from pathlib import Path

from graphophone.export.library import WORD, Library

LIBRARY = Library(
    Path(__file__).parent / "definitions", ".dsp", start=f"({WORD})", no_names=("with",)
)
