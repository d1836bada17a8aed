"""What a fit gives: a graph like hardware, and what it was measured to be worth."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.dynamics import dynamics_distance
from graphophone.audio.loudness import loudness
from graphophone.audio.mel_loss import mel_distance
from graphophone.audio.sdr import si_sdr
from graphophone.fitting.alignment import Alignment
from graphophone.fitting.kinship import Kinship
from graphophone.fitting.objective import Objective, whole_distance
from graphophone.fitting.pair import Pair
from graphophone.graph.model import Graph
from graphophone.graph.order import topological
from graphophone.graph.settings import SCALE
from graphophone.processors import ALL_SPECS
from graphophone.render.pieces import rendered
from graphophone.render.plan import plan
from graphophone.render.render import freeze
from graphophone.spec import GAIN
from graphophone.tensors import Stereo


@dataclass(frozen=True)
class Losses:
    """How far one sound is from the wet recording, at the reference level.

    Attributes:
        mss: Multi-scale spectral distance.
        mel: A-weighted mel distance of left, right, mid and side.
        dynamics_db: Mean difference of level ranges.
        loudness_lu: Difference of loudness, with its sign.
        si_sdr_db: Scale-invariant signal-to-distortion ratio.
    """

    mss: float
    mel: float
    dynamics_db: float
    loudness_lu: float | None
    si_sdr_db: float

    def to_json(self) -> dict[str, float | None]:
        """Return plain data."""
        return {
            name: None if value is None else round(value, 6)
            for name, value in (
                ("mss", self.mss),
                ("mel", self.mel),
                ("dynamics_db", self.dynamics_db),
                ("loudness_lu", self.loudness_lu),
                ("si_sdr_db", self.si_sdr_db),
            )
        }


@dataclass(frozen=True, slots=True)
class Pruned:
    """What became of a console.

    Attributes:
        processors_full: How many processors there were.
        processors: How many are left.
        loss_full: Distance of the whole console before anything was left out, if it came to that.
        loss: Distance at the end, on the same pieces of the song.
    """

    processors_full: int
    processors: int
    loss_full: float | None
    loss: float

    def to_json(self) -> dict[str, float | None]:
        """Return plain data."""
        return {
            "processors_full": self.processors_full,
            "processors": self.processors,
            "loss_full": None if self.loss_full is None else round(self.loss_full, 6),
            "loss": round(self.loss, 6),
        }

    def sentence(self) -> str:
        """Say it."""
        left = f"{self.processors} of the console's {self.processors_full} processors are left"
        if self.loss_full is None:
            return f"{left}: there was no time to leave any out"
        return f"{left}; loss {self.loss:.4f}, {self.loss_full:.4f} of the whole console"


@dataclass(frozen=True)
class Fitted:
    """The outcome of a fit.

    Attributes:
        graph: Frozen on the dry recording, with the level of the wet one in its last cable.
        before: Losses of the graph that it started from.
        after: Losses of the graph.
        bypass: Losses of the dry recording at the wet one's level.
        curve: Score after each step, as the search saw it: distance and price of the nodes.
        alignment: How the recordings lay.
        sound: The dry recording through the graph, beside the wet one: float32 (2, time).
        residual: The wet recording less that.
        steps: Steps done, over all runs.
        seconds: Time spent, over all runs.
        stopped: Whether it was stopped before its time.
        notes: What was assumed, in sentences.
        kinship: What both recordings share, where they are long enough to tell.
        console: What was left out of a mixing console, where one was fitted.
    """

    graph: Graph
    before: Losses
    after: Losses
    bypass: Losses
    curve: tuple[float, ...]
    alignment: Alignment
    sound: npt.NDArray[np.float32]
    residual: npt.NDArray[np.float32]
    steps: int
    seconds: float
    stopped: bool
    notes: tuple[str, ...]
    kinship: Kinship | None = None
    console: Pruned | None = None

    @property
    def doubt(self) -> str:
        """What speaks against one performance, in a sentence; nothing where all is well."""
        return self.kinship.doubt() if self.kinship else ""

    def to_json(self) -> dict[str, Any]:
        """Return what was measured, ready for JSON."""
        return {
            "loss_before": round(self.before.mss, 6),
            "loss_after": round(self.after.mss, 6),
            "loss_bypass": round(self.bypass.mss, 6),
            "si_sdr_db": round(self.after.si_sdr_db, 4),
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
            "alignment": self.alignment.to_json(),
            "kinship": self.kinship.to_json() if self.kinship else None,
            "console": self.console.to_json() if self.console else None,
            "losses": {
                "before": self.before.to_json(),
                "after": self.after.to_json(),
                "bypass": self.bypass.to_json(),
            },
            "curve": [round(value, 6) for value in self.curve],
            "notes": list(self.notes),
        }


def hardware(graph: Graph, objective: Objective) -> tuple[Graph, float]:
    """Freeze a graph and write the level and polarity of the wet recording into its last cable.

    What that cable cannot carry is added to the gain of the last node, where nothing else hears it.

    Returns:
        The graph, and by how many dB it falls short where both ranges are too small.
    """
    pair = objective.pair
    still = freeze(graph, pair.dry, pair.rate, as_is=True)
    sound = objective.sound(still)[..., pair.lead :]
    made = float(sound.double().square().sum())
    gain = 10 * math.log10(float(objective.power[0]) / made) if made > 0 else 0.0
    wanted = gain + pair.wet_db - pair.undo_db
    turned = float((sound.double() * objective.wet.double()).sum()) < 0
    nodes, edges = list(still.nodes), []
    short = 0.0
    for e in still.edges:
        if e.target == still.output:
            level = e.gain_db + wanted
            held = min(max(level, GAIN.low), GAIN.high)
            short = level - held
            e = replace(e, gain_db=float(f"{held:.6g}"), invert=e.invert != turned)
            last = nodes[e.source]
            if short and last.scale_db is not None and len(still.outgoing(e.source)) == 1:
                louder = min(max(last.scale_db + short, SCALE.low), SCALE.high)
                short -= louder - last.scale_db
                nodes[e.source] = replace(last, scale_db=louder)
        edges.append(e)
    for number, i in enumerate(topological(still)):
        scale = nodes[i].scale_db
        scale = None if scale is None else float(f"{scale:.6g}")
        nodes[i] = replace(nodes[i], scale_db=scale, id=f"n{number}")
    return still.with_parts(nodes, edges), short


def sound_of(graph: Graph, pair: Pair) -> Stereo:
    """Render a frozen graph on a whole pair, at the level of the wet file."""
    clips = {name: clip[None] for name, clip in pair.dry.items()}
    with torch.inference_mode():
        wet = rendered(plan(graph, ALL_SPECS), clips, pair.rate)[0]
        return (wet * 10 ** (pair.undo_db / 20)).clone()


def losses_of(sound: Stereo, pair: Pair) -> Losses:
    """Measure a sound that has the level of the wet file against it."""
    ours = (sound * 10 ** (-pair.wet_db / 20))[None]
    wet = pair.wet[None]
    with torch.inference_mode():
        loud = [loudness(x[0], pair.rate) for x in (ours, wet)]
        return Losses(
            mss=whole_distance(ours, wet, pair.rate),
            mel=float(mel_distance(ours, wet, pair.rate)[0]),
            dynamics_db=float(dynamics_distance(ours, wet, pair.rate)[0]),
            loudness_lu=loud[0] - loud[1] if all(map(math.isfinite, loud)) else None,
            si_sdr_db=float(si_sdr(ours, wet)[0]),
        )


def wet_of(pair: Pair) -> Stereo:
    """Return the wet recording at the level of its file."""
    return pair.wet * 10 ** (pair.wet_db / 20)
