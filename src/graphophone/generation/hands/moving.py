"""Moving delays and pitch shifters of other makes."""

import math
from collections.abc import Mapping
from random import Random

import soxr
import torch
from torch import Tensor

from graphophone.dsp import delay_line
from graphophone.generation.hands.hand import Hand, knob
from graphophone.tensors import Audio

FFT, HOP = 2_048, 512


def detuner(rng: Random, type_: str) -> Hand:
    """Draw a chorus, flanger or vibrato: voices read by straight lines, a law for the mix."""
    offsets = [rng.uniform(0, 0.012) for _ in range(rng.choice((0, 0, 0, 1, 2)))]
    depth, send = rng.uniform(0.6, 1.6), rng.random() < 0.4
    if type_ != "chorus":
        offsets = []

    def detune(audio: Audio, controls: Mapping[str, Tensor], rate: int) -> Audio:
        delay, mix = controls["delay"].float(), knob(controls, "mix")
        middle = delay.mean()
        delay = (middle + depth * (delay - middle)).clamp(min=2 / rate)
        wet = read(audio, delay * rate)
        for offset in offsets:
            wet = wet + read(audio, (delay + offset) * rate)
        wet = wet / math.sqrt(1 + len(offsets))
        return audio + mix * wet if send and type_ != "vibrato" else (1 - mix) * audio + mix * wet

    return detune


def read(audio: Audio, delay: Tensor) -> Audio:
    """Read each sample a moving number of samples late, on straight lines between samples."""
    samples = audio.shape[-1]
    place = torch.arange(samples) - delay.expand(1, audio.shape[1], samples)
    first = place.floor()
    part, index = place - first, first.long()
    before = audio.gather(-1, index.clamp(0, samples - 1)) * (index >= 0)
    after = audio.gather(-1, (index + 1).clamp(0, samples - 1)) * (index >= -1)
    return before + part * (after - before)


def transposer(rng: Random, type_: str) -> Hand:
    """Draw a pitch shifter: a phase vocoder, or moving taps with another window."""
    window = rng.uniform(0.025, 0.12) if rng.random() < 0.35 else None

    def transpose(audio: Audio, controls: Mapping[str, Tensor], rate: int) -> Audio:
        semitones = controls["semitone"]
        if window is not None:
            return delay_line.transposed(
                audio, semitones=semitones, window=window, sample_rate=rate
            )
        ratio = 2 ** (knob(controls, "semitone") / 12)
        frames = stretch(audio[0].contiguous(), ratio).numpy().T
        shifted = torch.from_numpy(soxr.resample(frames, rate * ratio, rate)).T
        out = torch.zeros_like(audio[0])
        length = min(out.shape[-1], shifted.shape[-1])
        out[:, :length] = shifted[:, :length]
        return out[None]

    return transpose


def stretch(audio: Tensor, ratio: float) -> Tensor:
    """Lengthen (channel, time) by a phase vocoder.

    J. Laroche and M. Dolson, New Phase-Vocoder Techniques for Pitch-Shifting, WASPAA 1999.
    """
    window = torch.hann_window(FFT)
    spectra = torch.stft(audio, FFT, HOP, window=window, return_complex=True)
    spectra = torch.nn.functional.pad(torch.view_as_real(spectra), (0, 0, 0, 1))
    spectra = torch.view_as_complex(spectra)
    place = torch.arange(0, spectra.shape[-1] - 1, 1 / ratio)
    index = place.long()
    part, here, then = place - index, spectra[..., index], spectra[..., index + 1]
    size = (1 - part) * here.abs() + part * then.abs()
    advance = torch.arange(FFT // 2 + 1)[:, None] * (2 * math.pi * HOP / FFT)
    turned = then.angle() - here.angle() - advance
    turned = turned - 2 * math.pi * torch.round(turned / (2 * math.pi)) + advance
    phase = turned.cumsum(-1)
    phase = here[..., :1].angle() + phase - turned[..., :1]
    return torch.istft(torch.polar(size, phase), FFT, HOP, window=window)
