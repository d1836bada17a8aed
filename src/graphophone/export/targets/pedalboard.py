"""pedalboard: a Python script, of its own classes or with linear parts as impulse responses."""

from graphophone.export.fidelity import Export
from graphophone.export.patch import Patch
from graphophone.export.pedalboard.script import Script
from graphophone.export.target import Target, register


def write(patch: Patch, mode: str) -> Export:
    """Write a graph as a script, and its impulse responses beside it if it has any."""
    script = Script(patch, baked=mode == "exact")
    text = script.text().encode()
    beside = {"-impulses.npz": script.archive()} if script.impulses else {}
    return Export(text, script.fidelity, beside)


register(
    Target(
        "pedalboard",
        ".py",
        "a Python script",
        write,
        modes=("editable", "exact"),
    )
)
