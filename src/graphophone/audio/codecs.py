"""What MP3 and AAC leave of a recording, sample by sample where it was.

Encoders and decoders delay. libsndfile's MP3 files say by how much, and its decoder takes that
away; below 64 kbit/s a frame has no room to say so, and no such files are made here. AAC goes
straight through FFmpeg's codec (PyAV), whose delay is one frame. What peaks beyond full scale
is turned down before and up again afterwards, as one would to make a file of it.
"""

import importlib
import io
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import torch

from graphophone.errors import AudioError
from graphophone.tensors import Stereo

Array = npt.NDArray[np.float32]

MP3_RATES = (32_000, 44_100, 48_000)
MP3_KBPS = (64, 96, 128, 192, 256, 320)
MP3_RANGE = (32, 320)
"""Bit rates that libsndfile's compression levels of 1 and 0 stand for at these sample rates."""

AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 96_000)
AAC_KBPS = (64, 96, 128, 192, 256)


def mp3(audio: Stereo, rate: int, kbps: int) -> Stereo:
    """Return what MP3 at a constant bit rate makes of a recording.

    Args:
        audio: Shape (2, time).
        rate: 32, 44.1 or 48 kHz.
        kbps: One of ``MP3_KBPS``.

    Raises:
        AudioError: There is no MP3 of this sample rate or bit rate.
    """
    if not audio.shape[-1]:
        return audio.clone()
    file = io.BytesIO(mp3_bytes(audio, rate, kbps))
    decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    return _placed(decoded.T, audio)


def mp3_bytes(audio: Stereo, rate: int, kbps: int) -> bytes:
    """Return an MP3 file of a recording; arguments and errors are those of :func:`mp3`."""
    _check("MP3", rate, MP3_RATES, kbps, MP3_KBPS)
    least, most = MP3_RANGE
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        samplerate=rate,
        channels=2,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        # LAME takes the bit rate below, so aim a little above the one that is wanted.
        compression_level=max(0.0, (most - kbps - 0.5) / (most - least)),
    ) as sink:
        sink.write(_samples(audio).T)
    return file.getvalue()


def aac(audio: Stereo, rate: int, kbps: int) -> Stereo:
    """Return what AAC (low complexity) makes of a recording.

    Args:
        audio: Shape (2, time).
        rate: One of ``AAC_RATES``.
        kbps: One of ``AAC_KBPS``; a mean, since frames differ.

    Raises:
        AudioError: There is no AAC of this sample rate or bit rate, or PyAV is not installed.
    """
    _check("AAC", rate, AAC_RATES, kbps, AAC_KBPS)
    av = require_aac()
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base = kbps * 1_000, Fraction(1, rate)
    encoder.open()
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata, decoder.sample_rate, decoder.layout = encoder.extradata, rate, "stereo"
    size = encoder.frame_size
    samples = _samples(audio)
    # A frame more, so that the delay pushes no sample out at the end.
    samples = np.pad(samples, ((0, 0), (0, -samples.shape[-1] % size + size)))
    packets = []
    for start in range(0, samples.shape[-1], size):
        block = np.ascontiguousarray(samples[:, start : start + size])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = rate, start
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(bytes(packet)))]
    frames += decoder.decode(None)
    decoded = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    return _placed(decoded[:, size:], audio)


def require_aac() -> Any:
    """Return PyAV, which is imported where AAC is asked for.

    Raises:
        AudioError: It is not installed.
    """
    try:
        return importlib.import_module("av")
    except ImportError:
        raise AudioError(
            "AAC needs PyAV, which is not installed: pip install 'graphophone[codecs]'"
        ) from None


def _check(
    name: str, rate: int, rates: tuple[int, ...], kbps: int, kbpses: tuple[int, ...]
) -> None:
    if rate not in rates:
        allowed = ", ".join(map(str, rates))
        raise AudioError(f"{name} has sample rates of {allowed} Hz, got {rate}")
    if kbps not in kbpses:
        allowed = ", ".join(map(str, kbpses))
        raise AudioError(f"{name} is made at {allowed} kbit/s, got {kbps}")


def _samples(audio: Stereo) -> Array:
    """Return samples (2, time) that fit into a file."""
    samples: Array = (audio.detach() / _over(audio)).float().cpu().numpy()
    return samples


def _over(audio: Stereo) -> float:
    """Return how far the loudest sample is above full scale, and 1 where none is."""
    return max(1.0, float(audio.abs().max())) if audio.numel() else 1.0


def _placed(decoded: Array, audio: Stereo) -> Stereo:
    """Return decoded samples (2, time) as long and loud as the recording, in its precision."""
    length = audio.shape[-1]
    padded = np.pad(decoded[:, :length], ((0, 0), (0, max(0, length - decoded.shape[-1]))))
    return torch.from_numpy(np.ascontiguousarray(padded)).to(audio.dtype) * _over(audio)
