"""REAPER: a project with tracks and sends, chains of effects, and the effects as JSFX."""

from graphophone.export.fidelity import Export
from graphophone.export.patch import Patch
from graphophone.export.reaper.project import files
from graphophone.export.reaper.routing import Routing
from graphophone.export.target import Target, register


def write(patch: Patch, mode: str) -> Export:
    """Write a graph as the folder of a project."""
    routing = Routing(patch, native=mode == "editable")
    return Export(None, routing.fidelity, files(patch, routing))


register(
    Target(
        "reaper",
        ".reaper",
        "a project for REAPER, with our processors as effects",
        write,
        modes=("editable", "exact"),
        folder=True,
    )
)
