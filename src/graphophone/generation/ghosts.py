"""Ghosts: nodes of a finished graph that do not contribute to its sound.

A ghost is a false label: no listener could find it. The test while knobs are drawn
(:mod:`graphophone.generation.hearing`) looks at one node at a time and is cheap; here a graph is
rendered again without each of its nodes, which is slow and is the truth. It is done on every
hundredth example of a set, and on every one where a set is asked to be audible.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.generation.hands import OURS, Hand, HandedExecution
from graphophone.generation.hearing import BRANCH_DB, FAINT_DB, HEARD_DB
from graphophone.generation.measure import SILENCE_DB, decibels, difference
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import Execution
from graphophone.render.plan import Step, plan
from graphophone.spec import ProcessorSpec

GHOST_DB = -40.0
"""A node is a ghost if the sound without it differs by less than this, both at one level.

A difference 40 dB below the sound, spread like it, changes a band by 0.09 dB at most: a fifth of
the 0.5 dB steps in which features are stored."""
THRESHOLDS = {"ghost": GHOST_DB, "node": HEARD_DB, "branch": BRANCH_DB, "faint": FAINT_DB}
"""In dB; the last three are those of the cheap test."""
SAMPLE = 100
"""Each example whose index is a multiple of this has its ghosts counted."""


def contributions(
    graph: Graph,
    dry: Mapping[str, Tensor],
    sample_rate: int,
    hands: Mapping[str, Hand] = OURS,
) -> dict[int, float]:
    """Render a graph without each of its nodes in turn (leave-one-out).

    A node is replaced by a wire: what enters at ``in`` leaves at every outlet; a control node's
    signal becomes zero. The energy rule holds as ever, so later nodes find the level that they
    would find in a patch without the node. Structural nodes, without which a graph falls apart,
    are not asked.

    Args:
        graph: A finished graph.
        dry: A clip (2, time) for each source, at the level at which it enters.
        sample_rate: Samples per second.
        hands: Processors of another make that it is rendered with, by type.

    Returns:
        For each node asked, by position, the level of the difference in dB relative to the
        whole sound. A change of level alone is none: it is taken out by least squares, for the
        wet sound is always heard at the reference level.
    """
    clips = {name: clip[None].contiguous() for name, clip in dry.items()}
    whole = HandedExecution(plan(graph, SPECS), clips, sample_rate, hands)
    steps = [replace(step, frees=()) for step in whole.plan.steps]
    for step in steps:
        whole.run(step, whole.gather(step), graph.nodes[step.node].knobs)
    found = {}
    for i, step in enumerate(steps):
        if is_asked(step.spec):
            rest = HandedExecution(whole.plan, clips, sample_rate, hands)
            rest.signals, rest.energies = dict(whole.signals), dict(whole.energies)
            _bypass(rest, step)
            _run_again(rest, steps[i + 1 :], {step.node})
            found[step.node] = apart_db(whole.result(), rest.result())
    return found


def is_asked(spec: ProcessorSpec) -> bool:
    """Whether a node of this type has to contribute: ends and structural nodes do not."""
    return spec.group != "terminal" and "structural" not in spec.traits


def apart_db(a: Tensor, b: Tensor) -> float:
    """Return the energy of what is left of ``a`` (1, 2, time) after the best gain of ``b``, in dB.

    It is relative to ``a``, and on the grid of :mod:`graphophone.generation.measure`.
    """
    one, two = float(energy(a)[0]), float(energy(b)[0])
    if min(one, two) <= 0:
        return 0.0 if one > 0 else SILENCE_DB
    gain = (one + two - difference(a, b)) / (2 * two)
    return decibels(difference(a, b * gain) / one)


@dataclass(slots=True)
class Census:
    """Ghosts counted over a set.

    Attributes:
        examples: Examples of the set.
        redraws: Nodes and graphs that were drawn again by the cheap test.
        redrawn: Graphs that were drawn again because leave-one-out rendering found a ghost.
        asked: Examples whose nodes were left out one after the other.
        nodes: Nodes that were.
        ghosts: How many of them were ghosts, by type.
    """

    examples: int = 0
    redraws: int = 0
    redrawn: int = 0
    asked: int = 0
    nodes: int = 0
    ghosts: Counter[str] = field(default_factory=Counter)

    def add(self, provenance: Mapping[str, Any], redraws: int) -> None:
        """Count an example by its provenance and its redraws."""
        self.examples += 1
        said = provenance.get("ghosts")
        self.redraws += redraws
        if said is not None:
            self.redraws -= said["redrawn"]
            self.redrawn += said["redrawn"]
            self.asked += 1
            self.nodes += said["nodes"]
            self.ghosts.update(said["types"])

    def __str__(self) -> str:
        """Say it in a line."""
        if not self.nodes:
            return "no node was left out to look for ghosts"
        count = self.ghosts.total()
        return (
            f"{count} of {self.nodes} nodes ({count / self.nodes:.2%}) of {examples(self.asked)} "
            f"change the sound by less than {GHOST_DB:g} dB"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with the thresholds."""
        return {
            "examples": self.examples,
            "redraws_per_example": round(self.redraws / max(self.examples, 1), 4),
            "redrawn_graphs": self.redrawn,
            "asked_examples": self.asked,
            "asked_nodes": self.nodes,
            "ghosts": self.ghosts.total(),
            "ghost_share": round(self.ghosts.total() / self.nodes, 6) if self.nodes else None,
            "ghost_types": dict(sorted(self.ghosts.items())),
            "thresholds_db": THRESHOLDS,
        }


def examples(count: int) -> str:
    """Say a number of examples."""
    return f"{count:,} example" if count == 1 else f"{count:,} examples"


def record(graph: Graph, found: Mapping[int, float], redrawn: int) -> dict[str, Any]:
    """Return what an example's provenance says of its ghosts."""
    ghosts = sorted(graph.nodes[node].type for node, db in found.items() if db < GHOST_DB)
    weakest = min(found.values(), default=None)
    return {"nodes": len(found), "types": ghosts, "weakest_db": weakest, "redrawn": redrawn}


def _bypass(execution: Execution, step: Step) -> None:
    """Put a wire in the place of a node."""
    if step.spec.group == "control":
        zero = torch.zeros((1, 1, 1), dtype=execution.dtype)
        execution.signals[step.node, step.spec.outlets[0].name] = zero
        return
    through = execution.gather(step)["in"]
    for outlet in step.spec.outlets:
        execution.signals[step.node, outlet.name] = through
        execution.energies[step.node, outlet.name] = energy(through)


def _run_again(execution: Execution, steps: list[Step], changed: set[int]) -> None:
    """Run all that hears what has changed."""
    for step in steps:
        feeds = (f for cables in (*step.audio.values(), *step.control.values()) for f in cables)
        if any(feed.port[0] in changed for feed in feeds):
            changed.add(step.node)
            knobs = execution.plan.graph.nodes[step.node].knobs
            execution.run(step, execution.gather(step), knobs)
