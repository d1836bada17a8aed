"""An example as files, and back: graph, provenance, and what is asked of its sound.

``graph.json`` is the answer, ``provenance.json`` says where the dry clips came from and how often
something was drawn again. ``mel.png`` and ``cepstra.png`` are the packed features, one channel
below the other; ``dry.NAME.png`` are packed spectrograms of what entered, ``dry.mix.png`` that of
all of it together. ``wet.flac`` is the question, ``dry.NAME.flac`` what entered, and
``scales.json`` what their samples have to be multiplied by: 1 unless a clip exceeds full scale.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import soundfile
import torch
from torch import Tensor

from graphophone.audio import png
from graphophone.audio.dry import DRY_NAMES, dry_mels
from graphophone.audio.features import RATE
from graphophone.audio.heard import Packed
from graphophone.codec.json import to_json
from graphophone.errors import FormatError
from graphophone.generation.item import Item
from graphophone.generation.recipe import Store

GRAPH, PROVENANCE, SCALES = "graph.json", "provenance.json", "scales.json"
FEATURES = {name: f"{name}.png" for name in Packed._fields}
DRY: Mapping[str, str] = {name: f"dry.{name}.png" for names in DRY_NAMES.values() for name in names}
GIVEN: Mapping[str, tuple[str, ...]] = {"dry": ("dry",), "stems": ("dry", "stems")}
"""What a model may be given of the dry sound of a set, by what the set stores."""
CHANNELS = 2
"""Of either feature: mid and side, or two resolutions."""
BITS = 24


def files(item: Item, store: Store) -> dict[str, bytes]:
    """Return the files of an example by suffix, in the order in which they are stored.

    Samples of a sound are divided by the power of two that brings them below full scale, then
    rounded to 24 bits: at most -138 dB beside the reference level's peaks.
    """
    made = {
        GRAPH: _text(to_json(item.graph)),
        PROVENANCE: _text({"provenance": item.provenance, "redraws": item.redraws}),
    }
    if store != "graphs":
        made |= _features(Packed.of(item.wet[None]))
    for given in GIVEN.get(store, ()):
        dry = dry_mels(item.dry, given)
        made |= {DRY[name]: png.encode(mel.reshape(-1, mel.shape[-1])) for name, mel in dry.items()}
    if store == "audio":
        clips = {"wet.flac": item.wet} | {f"dry.{n}.flac": c for n, c in item.dry.items()}
        packed = {suffix: _sound(clip) for suffix, clip in clips.items()}
        made[SCALES] = _text({suffix: scale for suffix, (_, scale) in packed.items()})
        made |= {suffix: content for suffix, (content, _) in packed.items()}
    return made


def digest(contents: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of graph and provenance: the same whatever else is stored."""
    return hashlib.sha256(contents[GRAPH] + b"\n" + contents[PROVENANCE]).hexdigest()


def feature(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a packed feature (2, bands or lags, time) from its file.

    Raises:
        FormatError: The file is damaged.
    """
    table = png.decode(content)
    if len(table) % CHANNELS:
        raise FormatError(f"a feature has two channels of one height, got {len(table)} rows")
    return table.reshape(CHANNELS, len(table) // CHANNELS, -1)


def sound(content: bytes, scale: float = 1.0) -> Tensor:
    """Return a clip (2, time) from its file; ``scale`` is what ``scales.json`` says of it.

    Raises:
        FormatError: The file is damaged.
    """
    try:
        samples, _ = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise FormatError(f"the audio cannot be decoded: {error.error_string}") from None
    return torch.from_numpy(np.ascontiguousarray(samples.T)) * scale


def _features(heard: Packed) -> dict[str, bytes]:
    tables = {n: getattr(heard, n)[0].flatten(0, 1).numpy() for n in Packed._fields}
    return {FEATURES[name]: png.encode(table) for name, table in tables.items()}


def _sound(clip: Tensor) -> tuple[bytes, float]:
    """Return a FLAC file and what its samples have to be multiplied by."""
    samples = clip.numpy().T.astype(np.float64)
    scale = 2.0 ** max(0, int(np.ceil(np.log2(max(np.abs(samples).max(), 2.0**-BITS)))))
    full = 2 ** (BITS - 1)
    whole = np.clip(np.round(samples / scale * full), -full, full - 1).astype(np.int32)
    buffer = io.BytesIO()
    # libsndfile takes the upper 24 of 32 bits, so nothing is rounded twice.
    soundfile.write(buffer, whole << (32 - BITS), RATE, "PCM_24", format="FLAC")
    return buffer.getvalue(), scale


def _text(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
