"""Faust: one readable program, for plug-ins of every kind."""

from graphophone.export.faust.program import Program
from graphophone.export.fidelity import Export
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register


def write(patch: Patch, mode: str) -> Export:
    """Write a graph as a Faust program."""
    program = Program(patch)
    return Export(program.text().encode(), program.fidelity)


register(Target("faust", ".dsp", "one program with a slider a knob; plug-ins of every kind", write))
