"""Shapes that models speak in."""

from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

Mel = Float[Tensor, "batch input band frame"]
"""Log-mel spectrograms in about [-1, 1]."""
PackedMel = UInt8[Tensor, "batch input band frame"]
"""The same as stored."""
Cepstra = Float[Tensor, "batch view lag moment"]
"""Ripples in the spectrum, in units of 10 dB."""
PackedCepstra = UInt8[Tensor, "batch view lag moment"]
"""The same as stored."""
Map = Float[Tensor, "batch _ _ _"]
"""Feature maps between convolutions."""
Frames = Float[Tensor, "batch time width"]
Latents = Float[Tensor, "batch query width"]
"""What the encoder heard."""
Hidden = Float[Tensor, "batch token width"]
"""One vector a token; with the latents before them inside the decoder."""
Ids = Int[Tensor, "batch token"]
Used = Bool[Tensor, "batch token"]
Mask = Bool[Tensor, "#batch 1 hearer heard"]
"""Who (rows) may listen to whom (columns)."""
Scores = Float[Tensor, "batch token _"]
"""Logits of one head."""
Travels = Float[Tensor, "batch token knob"]
Flags = Bool[Tensor, "batch token knob"]
New = Float[Tensor, "batch new width"]
"""One vector a node that is new."""
Old = Float[Tensor, "batch old width"]
"""One vector a node that was there before."""
Pairs = Bool[Tensor, "batch new old"]
CableScores = Float[Tensor, "batch new old way"]
"""Logits of all cables between a new node and an old one; the first half of the ways, an edge kind
each, lead to the old node, the other half from it."""
Cables = Bool[Tensor, "batch new old way"]
"""Which of them there are."""
Scalar = Float[Tensor, ""]
