"""What pedalboard's classes can stand for: one function a processor of ours.

Their filters are first-order, or peaks and shelves of the audio cookbook made digital by the
bilinear transform; their dynamics have hard knees and no sidechain; nothing can be modulated but
by the oscillators inside ``Chorus`` and ``Phaser``. What follows of that is said in each note.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphophone.export.fidelity import Grade

Knobs = Mapping[str, float]
PAIR, FOUR = math.sqrt(math.sqrt(2) - 1), math.sqrt(math.sqrt(math.sqrt(2)) - 1)
"""Where two and four equal first-order low-passes are 3 dB down, over their corner."""
ROOM_SECONDS = 0.031
"""Mean length of the combs behind their ``Reverb``, which is Freeverb."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands for a processor.

    Attributes:
        code: Expression of the input ``x`` and the sample ``rate``; both channels at once.
        grade: How near it comes.
        note: In what it differs.
    """

    code: str
    grade: Grade = "approximated"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Swing:
    """What moves a knob, where an oscillator does.

    Attributes:
        hertz: How often.
        depth: How far, as a share of the knob's travel.
    """

    hertz: float
    depth: float


def n(value: float) -> str:
    """Write a number of seven digits."""
    return f"{value:.7g}"


def board(*plugins: str) -> str:
    """Return a call of some plug-ins in a row."""
    return f"through(x, rate, {', '.join(plugins)})"


def _slopes(kind: str, times: int, corner: float) -> Callable[[Knobs, Swing], Stand]:
    def stand(k: Knobs, swing: Swing) -> Stand:
        plugins = [f"{kind}({n(k['frequency'] * corner)})"] * times
        note = f"{times} first-order filters, as far down at the corner for a q of 0.707"
        return Stand(board(*plugins), "approximated", f"{note}; q is not carried")

    return stand


def _band(times: int) -> Callable[[Knobs, Swing], Stand]:
    def stand(k: Knobs, swing: Swing) -> Stand:
        half = 1 / (2 * k["q"])
        low, high = (
            k["frequency"] * (math.sqrt(1 + half * half) + side * half) for side in (-1, 1)
        )
        gain = f"Gain({n(20 * math.log10((low + high) / high))})"
        one = [f"HighpassFilter({n(low)})", f"LowpassFilter({n(high)})", gain]
        return Stand(board(*one * times), "approximated", "first-order slopes, wider than q says")

    return stand


def _cookbook(kind: str) -> Callable[[Knobs, Swing], Stand]:
    def stand(k: Knobs, swing: Swing) -> Stand:
        code = board(f"{kind}({n(k['frequency'])}, {n(k['gain'])}, {n(k['q'])})")
        return Stand(code, "approximated", "bilinear transform: other slopes near half the rate")

    return stand


def _notch(k: Knobs, swing: Swing) -> Stand:
    code = board(f"PeakFilter({n(k['frequency'])}, -48.0, {n(k['q'] * 10**1.2)})")
    return Stand(code, "approximated", "a deep bell, 48 dB")


def _phaser(k: Knobs, swing: Swing) -> Stand:
    settings = f"rate_hz={n(swing.hertz)}, depth={n(min(1, abs(swing.depth)))}"
    rest = (
        f"centre_frequency_hz={n(k['frequency'])}, feedback={n(k['feedback'])}, mix={n(k['mix'])}"
    )
    return Stand(board(f"Phaser({settings}, {rest})"), "approximated", "other stages and sweep")


def _chorus(k: Knobs, swing: Swing) -> Stand:
    settings = f"rate_hz={n(swing.hertz)}, depth={n(min(1, abs(swing.depth)))}"
    late = f"centre_delay_ms={n(min(max(1e3 * k['delay'], 1), 99))}"
    rest = f"{late}, feedback={n(k['feedback'])}, mix={n(k['mix'])}"
    note = "another sweep; delays from 1 ms"
    return Stand(board(f"Chorus({settings}, {rest})"), "approximated", note)


def _delay(lost: str) -> Callable[[Knobs, Swing], Stand]:
    def stand(k: Knobs, swing: Swing) -> Stand:
        settings = f"{n(k['delay'])}, {n(k['feedback'])}, {n(k['mix'])}"
        return Stand(board(f"Delay({settings})"), "approximated", lost)

    return stand


def _room(k: Knobs, swing: Swing) -> Stand:
    feedback = 10 ** (-3 * ROOM_SECONDS / (0.2 * 30 ** k["size"]))
    size = min(max((feedback - 0.7) / 0.28, 0), 1)
    settings = f"room_size={n(size)}, damping={n(k['damping'])}, width={n(k['width'])}"
    levels = f"wet_level={n(k['mix'] / 3)}, dry_level={n((1 - k['mix']) / 2)}"
    return Stand(
        board(f"Reverb({settings}, {levels})"), "approximated", "Freeverb, as long at best"
    )


def _distortion(k: Knobs, swing: Swing) -> Stand:
    drive, hard, offset = k["gain"], k["hardness"], k["asymmetry"]
    soft = board(f"Distortion({n(drive)})")
    if offset:
        moved = soft.replace("(x,", f"(x + {n(offset * 10 ** (-drive / 20))},")
        soft = f"({moved} - {n(math.tanh(offset))})"
    if not hard:
        return Stand(soft, "exact")
    driven = f"scaled(x, {n(drive)}) + {n(offset)}" if offset else f"scaled(x, {n(drive)})"
    clipped = f"(through({driven}, rate, Clipping(0.0)) - {n(offset)})"
    return Stand(f"{n(1 - hard)} * {soft} + {n(hard)} * {clipped}", "exact")


def _bitcrush(k: Knobs, swing: Swing) -> Stand:
    return Stand(board(f"Bitcrush({n(k['bit'] - 1)})"), "exact")  # theirs counts without the sign


def _dynamics(kind: str, lost: str) -> Callable[[Knobs, Swing], Stand]:
    def stand(k: Knobs, swing: Swing) -> Stand:
        times = f"{n(1e3 * k['attack'])}, {n(1e3 * k['release'])}"
        code = board(f"{kind}({n(k['threshold'])}, {n(k['ratio'])}, {times})")
        return Stand(code, "approximated", f"hard knee, other ballistics{lost}")

    return stand


def _pitch(k: Knobs, swing: Swing) -> Stand:
    code = board(f"PitchShift({n(k['semitone'])})")
    return Stand(code, "approximated", "Rubber Band, without our flutter and delay")


def _plain(code: Callable[[Knobs], str]) -> Callable[[Knobs, Swing], Stand]:
    return lambda k, swing: Stand(code(k), "exact")


def _graphic(k: Knobs, swing: Swing) -> Stand:
    gains = enumerate(k.values())
    peaks = [f"PeakFilter({n(31.25 * 2**i)}, {n(gain)}, 1.41)" for i, gain in gains]
    return Stand(board(*peaks), "approximated", "bells side by side that overlap uncorrected")


def _taps(k: Knobs, swing: Swing) -> Stand:
    terms = ["x"]
    for tap in "1234":
        late = board(f"Delay({n(k[f'delay_{tap}'])}, 0.0, 1.0)")
        terms.append(f"panned(scaled({late}, {n(k[f'gain_{tap}'])}), {n(k[f'pan_{tap}'])})")
    return Stand(" + ".join(terms), "approximated", "echoes at whole samples")


STANDS: Mapping[str, Callable[[Knobs, Swing], Stand]] = {
    "lowpass": _slopes("LowpassFilter", 2, 1 / PAIR),
    "lowpass4": _slopes("LowpassFilter", 4, 1 / FOUR),
    "highpass": _slopes("HighpassFilter", 2, PAIR),
    "highpass4": _slopes("HighpassFilter", 4, FOUR),
    "crossover_low": _slopes("LowpassFilter", 4, 1 / FOUR),
    "crossover_high": _slopes("HighpassFilter", 4, FOUR),
    "bandpass": _band(1),
    "bandpass4": _band(2),
    "bandreject": _notch,
    "bell": _cookbook("PeakFilter"),
    "lowshelf": _cookbook("LowShelfFilter"),
    "highshelf": _cookbook("HighShelfFilter"),
    "phaser": _phaser,
    "chorus": _chorus,
    "flanger": _chorus,
    "vibrato": _chorus,
    "mono_delay": _delay("echoes are not filtered"),
    "pingpong_delay": _delay("echoes keep their side and are not filtered"),
    "mono_reverb": _room,
    "stereo_reverb": _room,
    "distortion": _distortion,
    "bitcrush": _bitcrush,
    "compressor": _dynamics("Compressor", ""),
    "noisegate": _dynamics("NoiseGate", ""),
    "expander": _dynamics("NoiseGate", ", a gate of that ratio"),
    "pitchshift": _pitch,
    "mix": _plain(lambda k: "x"),
    "panning": _plain(lambda k: f"panned(x, {n(k['pan'])})"),
    "imager": _plain(lambda k: f"widened(x, {n(k['width'])})"),
    "midside_split_mid": _plain(lambda k: "np.stack([x[0] + x[1]] * 2) / 2"),
    "midside_split_side": _plain(lambda k: "np.stack([x[0] - x[1]] * 2) / 2"),
    "midside_merge": _plain(lambda k: "np.stack([x[0] + side[0], x[1] - side[1]])"),
    "gain_pan": _plain(lambda k: f"panned(scaled(x, {n(k['gain'])}), {n(k['pan'])})"),
    "graphic_equaliser": _graphic,
    "multitap_delay": _taps,
}
"""By processor, and outlet where there are several."""
CHORUSES = frozenset({"chorus", "flanger", "vibrato", "phaser"})
"""Types whose knob an oscillator inside their stand-in can move."""
