"""The tensor shapes that are spoken everywhere.

``Audio`` has three axes and, everywhere above ``dsp``, two channels. ``Control`` holds one
value a sample or a single value (a time axis of length one), and is shared by both channels
(a channel axis of length one) or different in each; of one clip it holds for all clips of a
batch. What is static or shared is stated by the shape, so kernels can take the cheap path
without looking at values. ``Stereo`` is one recording, as files and sources give it.
"""

from typing import TypeAlias

from jaxtyping import Float
from torch import Tensor

Audio: TypeAlias = Float[Tensor, "batch channel time"]
Control: TypeAlias = Float[Tensor, "#batch #channel #time"]
Stereo: TypeAlias = Float[Tensor, "2 time"]
