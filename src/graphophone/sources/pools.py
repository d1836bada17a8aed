"""Opening a supply of dry signals by name."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from graphophone.errors import FormatError
from graphophone.sources.drums import Drums, Kits, RecordedKits
from graphophone.sources.dry import Dry, Pool
from graphophone.sources.equaliser import EqualisedKits
from graphophone.sources.grooves import Grooves, MidiGrooves
from graphophone.sources.manifest import ROLES, clips, part
from graphophone.sources.modelled import ModelledKits
from graphophone.sources.patterns import PatternGrooves
from graphophone.sources.revoiced import VirtualSingers
from graphophone.sources.singer import Singer
from graphophone.sources.voices import WEIGHTS, RecordedVoices

KINDS = tuple(WEIGHTS)
VOICES = ("singing", "speech")
WET = "may be wet"
VIRTUAL_SHARE = 0.5  # of a mixed pool's draws that are not real, where there are voices
PATTERN_SHARE = 0.3


class Mixed:
    """Draws from the first pool with probability ``share``, else from the second."""

    def __init__(self, first: Pool, second: Pool, share: float = 0.5) -> None:
        self.pools = (first, second)
        self.share = share

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw from one of the two."""
        return self.pools[rng.random() >= self.share].draw(rng, samples, rate)


def open_pool(
    task: str,
    sources: str = "real",
    split: str = "train",
    data: str | Path | None = None,
    *,
    kinds: Sequence[str] = KINDS,
    allow_tiers: tuple[str, ...] | None = None,
    real_share: float = 0.5,
    equalised: bool = False,
) -> Pool:
    """Return the pool that a name stands for.

    Args:
        task: ``singing`` (one track, ``voice``) or ``drums`` (up to six).
        sources: ``real`` recordings, ``procedural`` ones, ``virtual`` singers (singing alone;
            see :mod:`.revoiced`), or ``mixed`` draws: half of them real, and for singing a
            quarter virtual and a quarter procedural.
        split: ``train``, ``seen``, ``unseen`` or ``test``.
        data: Folder of real recordings; ``GRAPHOPHONE_DATA`` where it is None.
        kinds: For real singing: which of ``singing``, ``speech``, ``instruments``.
        allow_tiers: Licence tiers to use beside the rule of :mod:`.manifest`.
        real_share: Share of real draws in a mixed pool.
        equalised: Whether drums have the average spectra of the training kits, as the paper's
            have (:mod:`.equaliser`). Not by default: kits outside of a set are not equalised.

    Raises:
        FormatError: A name is unknown, or the recordings are not there.
    """
    if task not in ("singing", "drums"):
        raise FormatError(f"task must be singing or drums, got {task!r}")
    reference: Kits | None = None
    if equalised and task == "drums":
        modelled = sources == "procedural"
        reference = ModelledKits() if modelled else _recorded("train", data, allow_tiers)
    if sources == "real":
        return _real(task, split, data, tuple(kinds), allow_tiers, reference)
    if sources == "procedural":
        return _procedural(task, split, reference)
    if sources == "mixed":
        real = _real(task, split, data, tuple(kinds), allow_tiers, reference)
        made = _procedural(task, split, reference)
        voices = tuple(kind for kind in kinds if kind in VOICES)
        sung = _virtual(split, data, voices, allow_tiers) if task == "singing" else None
        if sung is not None:
            made = Mixed(sung, made, VIRTUAL_SHARE)
        return Mixed(real, made, real_share)
    if sources == "virtual" and task == "singing":
        return VirtualSingers(part(clips(data, split, VOICES, allow_tiers), split))
    raise FormatError(
        f"sources must be real, procedural, virtual (singing) or mixed, got {sources!r}"
    )


def _virtual(
    split: str,
    data: str | Path | None,
    kinds: tuple[str, ...],
    allow_tiers: tuple[str, ...] | None,
) -> Pool | None:
    """Return virtual singers made of the split's own voices; nothing where it has none."""
    if not kinds:
        return None
    try:
        found = part(clips(data, split, kinds, allow_tiers), split)
    except FormatError:  # the folder could be read: it holds instruments alone
        return None
    return VirtualSingers(found)


def _procedural(task: str, split: str, reference: Kits | None = None) -> Pool:
    """Return a pool that needs no recordings; ``seen`` is like ``train``."""
    if split not in ROLES:
        raise FormatError(f"split must be one of {', '.join(ROLES)}, got {split!r}")
    if task == "singing":
        return Singer(split)
    kits: Kits = ModelledKits(split)
    kits = kits if reference is None else EqualisedKits(kits, reference)
    return Drums(kits, [(PatternGrooves(), 1.0)])


def _recorded(
    split: str, data: str | Path | None, allow_tiers: tuple[str, ...] | None
) -> RecordedKits:
    return RecordedKits(clips(data, split, ("drums",), allow_tiers))


def _real(
    task: str,
    split: str,
    data: str | Path | None,
    kinds: tuple[str, ...],
    allow_tiers: tuple[str, ...] | None,
    reference: Kits | None = None,
) -> Pool:
    """Return a pool of recordings."""
    if task == "singing":
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            raise FormatError(f"kinds must be among {', '.join(KINDS)}, got {unknown[0]!r}")
        found = part(clips(data, split, kinds, allow_tiers), split)
        return RecordedVoices(
            [clip for clip in found if WET not in clip.note], transpose=split == "train"
        )
    kits: Kits = _recorded(split, data, allow_tiers)
    kits = kits if reference is None else EqualisedKits(kits, reference)
    scores = part(clips(data, split, ("midi",), allow_tiers), split)
    scores = tuple(clip for clip in scores if clip.path.suffix == ".mid")
    grooves: list[tuple[Grooves, float]] = [
        (MidiGrooves(scores, stretch=split == "train"), 1 - PATTERN_SHARE)
    ]
    return Drums(kits, [*grooves, (PatternGrooves(), PATTERN_SHARE)])
