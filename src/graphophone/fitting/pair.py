"""A dry and a wet recording of one performance, laid side by side and ready to be compared."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.audio.level import LEVEL_DB, active_rms_db, to_level
from graphophone.dsp.energy import energy
from graphophone.errors import AudioError
from graphophone.fitting.alignment import Alignment, align, warped
from graphophone.fitting.kinship import Kinship, kinship
from graphophone.render.ends import restoring
from graphophone.tensors import Stereo

LEAST_SECONDS = 0.25
TAIL_SECONDS = 10.0
"""A wet recording may go on for this long after its dry one."""
SPARE_SECONDS = 0.05
"""A dry recording may go on for this long after its wet one: encoders cut to whole blocks."""
WINDOW_SECONDS = 5.0
"""What is searched on at most; a longer recording is cut where it sounds most."""
LEAD_SECONDS = 1.0
KINSHIP_SECONDS = 20.0
"""What is looked at to tell whether both are one performance."""


@dataclass(frozen=True)
class Pair:
    """What a fit works on.

    Attributes:
        dry: A clip (2, time) for each source, aligned, at the level at which it enters a graph.
        wet: The wet clip (2, time) at the reference level.
        rate: Samples a second.
        alignment: What was done to the dry recordings.
        wet_db: Gain that takes the wet clip back to the level of its file.
        undo_db: Gain with which a rendering undoes what was done to the dry recordings.
        notes: What was assumed, in sentences.
        lead: Samples at the start that are rendered and not compared, so that what rings or
            follows the level has begun.
        kinship: What both share, where they are long enough to tell.
    """

    dry: Mapping[str, Tensor]
    wet: Stereo
    rate: int
    alignment: Alignment
    wet_db: float
    undo_db: float
    notes: tuple[str, ...] = ()
    lead: int = 0
    kinship: Kinship | None = None

    @classmethod
    def of(cls, dry: Mapping[str, Tensor], wet: Tensor, rate: int) -> "Pair":
        """Align recordings and set their levels.

        Args:
            dry: A recording (2, time) for each source.
            wet: The wet recording (2, time).
            rate: Samples a second of all of them.

        Raises:
            AudioError: A recording is silent or too short, or their lengths do not fit.
        """
        longest = max(clip.shape[1] for clip in dry.values())
        notes = _check_lengths(longest / rate, wet.shape[1] / rate)
        for name, clip in {**dry, "wet": wet}.items():
            try:
                active_rms_db(clip, rate)
            except AudioError:
                said = "wet" if name == "wet" else f"dry ({name})"
                raise AudioError(
                    f"the {said} recording is silent: no 50 ms of it are above -90 dBFS"
                ) from None
        together = {n: F.pad(c, (0, longest - c.shape[1])) for n, c in dry.items()}
        alignment = align(torch.stack([*together.values()]).sum(0), wet, rate)
        moved = {n: warped(c, alignment, wet.shape[1]) for n, c in together.items()}
        before = sum(float(energy(clip[None])[0]) for clip in moved.values())
        entered = {n: to_level(clip, rate)[0] for n, clip in moved.items()}
        after = sum(float(energy(clip[None])[0]) for clip in entered.values())
        wet_db = active_rms_db(wet, rate) - LEVEL_DB
        if sentence := alignment.sentence(rate):
            notes = (*notes, sentence)
        pair = cls(
            {n: clip.contiguous() for n, clip in entered.items()},
            (wet * 10 ** (-wet_db / 20)).contiguous(),
            rate,
            alignment,
            wet_db,
            20 * math.log10(restoring(before, after)),
            notes,
        )
        part = pair.window(KINSHIP_SECONDS, 0.0)
        kin = kinship(torch.stack([*part.dry.values()]).sum(0), part.wet, rate)
        return replace(pair, kinship=kin)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.wet.shape[1] / self.rate

    def window(self, seconds: float = WINDOW_SECONDS, lead: float = LEAD_SECONDS) -> "Pair":
        """Return the part that sounds most, or all of a short pair; levels stay as they are.

        Args:
            seconds: How long it is at most.
            lead: Seconds at its start that are not compared, unless the recording begins there.
        """
        length = round(seconds * self.rate)
        if self.wet.shape[1] <= length:
            return self
        step = max(1, self.rate // 4)
        power = self.wet.square().mean(0)
        blocks = power[: len(power) // step * step].reshape(-1, step).mean(1)
        heard = (blocks >= blocks.max() * 1e-4).double() + blocks / blocks.sum()
        count = length // step
        sums = heard.cumsum(0)
        sums = torch.cat((sums.new_zeros(1), sums))
        first = int((sums[count:] - sums[:-count]).argmax()) * step
        cut = slice(first, first + length)
        return replace(
            self,
            dry={n: clip[:, cut].contiguous() for n, clip in self.dry.items()},
            wet=self.wet[:, cut].contiguous(),
            lead=round(lead * self.rate) if first else self.lead,
        )


def _check_lengths(dry: float, wet: float) -> tuple[str, ...]:
    """Make sure that lengths in seconds can be those of one performance; return notes.

    Raises:
        AudioError: They cannot.
    """
    if min(dry, wet) < LEAST_SECONDS:
        name, short = ("dry", dry) if dry < wet else ("wet", wet)
        raise AudioError(
            f"the {name} recording must last at least {LEAST_SECONDS:g} s, got {short:.3f} s"
        )
    if dry > wet + SPARE_SECONDS:
        raise AudioError(
            f"the dry recording must not be longer than the wet one, got {dry:.2f} s and "
            f"{wet:.2f} s: cut both to the same performance (--start, --end)"
        )
    if wet > dry + TAIL_SECONDS:
        raise AudioError(
            f"the wet recording may be at most {TAIL_SECONDS:g} s longer than the dry one, got "
            f"{wet:.2f} s and {dry:.2f} s: cut both to the same performance (--start, --end)"
        )
    if wet > dry + SPARE_SECONDS:
        return (f"the wet recording goes on for {wet - dry:.2f} s after the dry one: its tail",)
    return ()
