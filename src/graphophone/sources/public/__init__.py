"""Public data sets that users download themselves: their layouts, licences and splits."""

from graphophone.sources.public.groove import GROOVE
from graphophone.sources.public.layout import PublicSet
from graphophone.sources.public.musdb18 import MUSDB18
from graphophone.sources.public.opensinger import OPENSINGER
from graphophone.sources.public.vocalset import VOCALSET

PUBLIC_SETS = (OPENSINGER, VOCALSET, MUSDB18, GROOVE)

__all__ = ["GROOVE", "MUSDB18", "OPENSINGER", "PUBLIC_SETS", "VOCALSET", "PublicSet"]
