"""Motifs: combinations of processors that achieve a known effect.

Lee et al. 2023, section 2.1, combine "10 different motifs, from a simple parametric equalizer
to more complex parallel [pitchshift] banks". Each motif is a function that grows a patch from
one wire and returns the wire to go on from. It is known by its name; how often it is drawn is
said by a mix (:mod:`graphophone.generation.mix`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from graphophone.generation.motifs import console, effects, level, splits, tone
from graphophone.generation.patch import Patch, Wire

Grow = Callable[[Patch, Wire], Wire]


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif by its function.

    Attributes:
        grow: Adds it to a patch.
        least: Processors that there must be room for; where there are fewer, a filter is drawn.
    """

    grow: Grow
    least: int = 1

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.grow.__name__


MOTIFS: Final[Mapping[str, Motif]] = MappingProxyType(
    {
        motif.name: motif
        for motif in (
            Motif(tone.equaliser),
            Motif(tone.low_order_filter),
            Motif(tone.moving_filter),
            Motif(effects.modulation),
            Motif(level.dynamics),
            Motif(level.sidechained_dynamics),
            Motif(level.distortion_stages),
            Motif(level.drive),
            Motif(level.crush),
            Motif(effects.echo),
            Motif(effects.space),
            Motif(effects.gated_reverb),
            Motif(effects.effect_send),
            Motif(effects.transposition),
            Motif(effects.thickening),
            Motif(effects.pitch_bank, least=3),
            Motif(splits.multiband, least=3),
            Motif(splits.mid_side, least=3),
            Motif(effects.placement),
            Motif(console.sends_and_returns, least=3),
            Motif(console.parallel_compression),
            Motif(console.de_essing),
            Motif(console.auto_pan),
            Motif(console.doubling, least=4),
            Motif(console.multiband_sidechain, least=3),
            Motif(console.bus_glue),
            Motif(console.parallel_edges),
        )
    }
)
"""Every motif by its name."""
