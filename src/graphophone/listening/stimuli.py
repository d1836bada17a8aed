"""The stimuli of one page: hidden reference, anchors and the conditions under test.

The checks are those of BS.1534-3 and of webMUSHRA: at most 12 conditions of at most 12 s, all of
the reference's length. Rates cannot differ, for a page has one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from graphophone.audio.loudness import loudness
from graphophone.errors import AudioError, UsageError
from graphophone.listening.anchors import anchor
from graphophone.listening.ratings import LOW_ANCHOR, MID_ANCHOR, REFERENCE
from graphophone.tensors import Stereo

MOST_CONDITIONS = 12
SECONDS = (0.5, 12.0)
"""A loop of less than half a second cannot be set; more than 12 s is not remembered."""


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Something to be rated.

    Attributes:
        condition: Its name; ``reference``, ``anchor35`` and ``anchor70`` are ours.
        audio: Shape (2, time), within full scale.
        gain_db: What brought it to the reference's loudness, 0 where it is as rendered.
        louder_lu: How much louder than the reference it is now, in LU; minus infinity for an
            anchor that holds nothing below its edge.
    """

    condition: str
    audio: Stereo
    gain_db: float
    louder_lu: float


def stimuli(
    reference: Stereo,
    conditions: Mapping[str, Tensor],
    rate: int,
    *,
    anchors: Sequence[str] = (LOW_ANCHOR, MID_ANCHOR),
    match: bool = False,
) -> tuple[Stimulus, ...]:
    """Return all stimuli of a page, the hidden reference first; the page shuffles them.

    Args:
        reference: Shape (2, time), 0.5 to 12 s.
        conditions: What is under test, by name, each (2, time) as long as the reference.
        rate: Of all, samples a second.
        anchors: Which low-pass anchors to make of the reference.
        match: Bring each condition to the reference's loudness (BS.1770); else all stay as
            rendered, for a wrong level is a fault of a graph too. Anchors stay as they are.

    Raises:
        UsageError: There is no condition, there are more than 12 stimuli, or a name is ours.
        AudioError: A length, a level or the rate does not fit; the sentence names the condition.
    """
    count = 1 + len(anchors) + len(conditions)
    if not conditions or count > MOST_CONDITIONS:
        raise UsageError(
            f"a page has 1 to {MOST_CONDITIONS - 1 - len(anchors)} conditions beside its hidden "
            f"reference and {len(anchors)} anchors, got {len(conditions)}"
        )
    if taken := [name for name in (REFERENCE, LOW_ANCHOR, MID_ANCHOR) if name in conditions]:
        raise UsageError(f"a condition may not be called {taken[0]!r}, that is made of the page's")
    seconds = reference.shape[1] / rate
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise AudioError(
            f"the reference must be {SECONDS[0]:g} s to {SECONDS[1]:g} s long, got {seconds:.2f} s"
        )
    target = _loudness(REFERENCE, reference, rate)
    made = [Stimulus(REFERENCE, reference, 0.0, 0.0)]
    for name in anchors:
        low = anchor(reference, rate, name)
        made.append(Stimulus(name, low, 0.0, loudness(low, rate) - target))
    for name, audio in conditions.items():
        if audio.shape != reference.shape:
            raise AudioError(
                f"{name} must have the reference's channels and samples, "
                f"{tuple(reference.shape)}, got {tuple(audio.shape)}"
            )
        louder = _loudness(name, audio, rate) - target
        gain_db = -louder if match else 0.0
        made.append(Stimulus(name, audio * 10 ** (gain_db / 20), gain_db, louder + gain_db))
    for stimulus in made:
        _check_peak(stimulus)
    return tuple(made)


def _loudness(name: str, audio: Stereo, rate: int) -> float:
    """Return the loudness of something that can be heard.

    Raises:
        AudioError: It is silent.
    """
    found = loudness(audio, rate)
    if not math.isfinite(found):
        raise AudioError(f"{name} must be louder than -70 LUFS somewhere, got {found:g} LUFS")
    return found


def _check_peak(stimulus: Stimulus) -> None:
    """Make sure that a player would not clip.

    Raises:
        AudioError: It would.
    """
    peak = float(stimulus.audio.abs().max())
    if not peak <= 1.0:  # not a number, too
        raise AudioError(
            f"{stimulus.condition} must stay within full scale, got a peak of "
            f"{20 * math.log10(peak):.1f} dBFS after a gain of {stimulus.gain_db:.1f} dB; "
            "turn down all stimuli of the page, the reference too"
        )
