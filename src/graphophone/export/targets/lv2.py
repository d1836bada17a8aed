"""LV2: a plug-in for hosts on Linux, compiled on this computer."""

from graphophone.export.faust.plugin import bundle
from graphophone.export.faust.program import Program
from graphophone.export.fidelity import Export
from graphophone.export.names import identifier
from graphophone.export.patch import Patch
from graphophone.export.target import Target, register


def write(patch: Patch, mode: str) -> Export:
    """Compile a graph as a plug-in, with its Faust program beside it in the bundle."""
    program = Program(patch, grouped=False)
    name, text = identifier(patch.title), program.text()
    return Export(None, program.fidelity, bundle(text, name) | {f"{name}.dsp": text.encode()})


register(Target("lv2", ".lv2", "a plug-in for hosts on Linux", write, folder=True))
