"""Opening a supply of dry signals by name: what is used is settled before the first draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.checks import Limits
from graphophone.sources.clip import Clip
from graphophone.sources.collection import Collection, data_folder, recognise
from graphophone.sources.drums import Kits
from graphophone.sources.dry import Pool
from graphophone.sources.folders import SCORE_SUFFIXES
from graphophone.sources.modelled import ModelledKits
from graphophone.sources.pools import (
    KINDS,
    VIRTUAL_SHARE,
    Mixed,
    procedural_pool,
    recorded_kits,
    recorded_pool,
    virtual_pool,
)
from graphophone.sources.room_tones import RoomTones
from graphophone.sources.splits import NOISE, SCORES, VOICES, check_split, part
from graphophone.sources.survey import Survey, survey

DRUMS = ("drums", SCORES)


@dataclass(frozen=True, slots=True)
class Stock:
    """What examples are drawn from, opened.

    Attributes:
        pool: Dry signals.
        tones: Recorded room tone for copies; None where there is none.
    """

    pool: Pool
    tones: RoomTones | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Everything that decides what a pool draws from; it can be sent to other processes.

    A pool made of it draws the same wherever it is made, whatever has happened to the folder
    since. A file that cannot be read any more is an error that names it, and not a reason to
    draw another.

    Attributes:
        task: ``singing`` or ``drums``.
        sources: ``real``, ``procedural``, ``virtual`` or ``mixed``.
        split: ``train``, ``seen``, ``unseen`` or ``test``.
        clips: The recordings and scores that are used, in order; none if all is procedural.
        real_share: Share of real draws where sources are mixed.
        survey: What the recordings were found to be; None if all is procedural.
        equalised: Whether drums have the mean spectrum of the training kits.
        reference: Recordings of the training kits, where they are equalised; modelled ones are
            the reference if there are none.
        noises: Recordings of room tone and other noise that copies may use.
    """

    task: str
    sources: str
    split: str
    clips: tuple[Clip, ...] = ()
    real_share: float = 0.5
    survey: Survey | None = None
    equalised: bool = False
    reference: tuple[Clip, ...] = ()
    noises: tuple[Clip, ...] = ()

    def bare(self) -> "Supply":
        """Return it without the survey: what a pool needs, and no more to be sent."""
        return replace(self, survey=None)

    def stock(self) -> Stock:
        """Return a new pool and the room tones that go with it."""
        return Stock(self.pool(), RoomTones(self.noises) if self.noises else None)

    def pool(self) -> Pool:
        """Return a new pool."""
        reference: Kits | None = None
        if self.equalised and self.task == "drums":
            reference = recorded_kits(self.reference) if self.reference else ModelledKits()
        sung = None if self.task == "drums" else virtual_pool(self.clips)
        if self.sources == "virtual" and sung is not None:
            return sung
        made = procedural_pool(self.task, self.split, reference)
        if self.sources == "procedural":
            return made
        real = recorded_pool(self.task, self.split, self.clips, reference)
        if self.sources == "real":
            return real
        made = made if sung is None else Mixed(sung, made, VIRTUAL_SHARE)
        return Mixed(real, made, self.real_share)


def settle(
    task: str,
    sources: str = "real",
    split: str = "train",
    data: str | Path | None = None,
    *,
    kinds: Sequence[str] = KINDS,
    allow_tiers: Sequence[str] | None = None,
    real_share: float = 0.5,
    equalised: bool = False,
    room_tones: bool = False,
    limits: Limits | None = None,
    strict: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Supply:
    """Decide which recordings are used: recognise the folder, select, check, cut to the split.

    Args:
        task: ``singing`` (one track, ``voice``) or ``drums`` (up to six).
        sources: ``real`` recordings, ``procedural`` ones, ``virtual`` singers (singing alone;
            see :mod:`.revoiced`), or ``mixed`` draws: half of them real, and for singing a
            quarter virtual and a quarter procedural.
        split: ``train``, ``seen``, ``unseen`` or ``test``.
        data: Folder of real recordings; ``GRAPHOPHONE_DATA`` where it is None.
        kinds: For real singing: which of ``singing``, ``speech``, ``instruments``; virtual
            singers are made of the first two.
        allow_tiers: Licence tiers to use beside the rule of :meth:`.Collection.select`.
        real_share: Share of real draws in a mixed pool.
        equalised: Whether drums have the mean spectra of the training kits, as the paper's have
            (:mod:`.equaliser`). Not by default: kits outside of a set are not equalised.
        room_tones: Whether recordings of noise are wanted too, for copies; where there are none,
            or none with a licence that is allowed, there is none in the supply.
        limits: From where on a recording is not used.
        strict: Refuse recordings with a fault instead of leaving them out.
        workers: Processes that look at files which have not been looked at before.
        progress: Called with (files done, files in all).

    Raises:
        FormatError: A name is unknown, the recordings are not there, none of them can be used,
            or ``strict`` is set and one of them has a fault.
    """
    if task not in ("singing", "drums"):
        raise FormatError(f"task must be singing or drums, got {task!r}")
    if sources not in ("real", "procedural", "mixed") and (task, sources) != ("singing", "virtual"):
        raise FormatError(
            f"sources must be real, procedural, virtual (singing) or mixed, got {sources!r}"
        )
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise FormatError(f"kinds must be among {', '.join(KINDS)}, got {unknown[0]!r}")
    check_split(split)
    if sources == "procedural":
        return Supply(task, sources, split, equalised=equalised)
    collection = recognise(data_folder(data), task)
    categories = tuple(kinds) if task == "singing" else DRUMS
    if sources == "virtual":
        categories = tuple(kind for kind in kinds if kind in VOICES)
    chosen = [clip for clip in collection.select(split, categories, allow_tiers) if _fits(clip)]
    kits = [clip for clip in chosen if clip.category == "drums"]
    rows = (*kits, *part([clip for clip in chosen if clip.category != "drums"], split))
    if room_tones:
        rows += part(collection.offered(split, (NOISE,), allow_tiers), split)
        categories += (NOISE,)
    found = survey(
        collection,
        rows,
        limits=limits or Limits(),
        strict=strict,
        workers=workers,
        withheld=collection.withheld(split, categories, allow_tiers),
        progress=progress,
    )
    reference: tuple[Clip, ...] = ()
    if equalised and task == "drums":
        reference = _training_kits(collection, allow_tiers, limits or Limits(), workers)
    used = tuple(clip for clip in found.used if clip.category != NOISE)
    noises = tuple(clip for clip in found.used if clip.category == NOISE)
    return Supply(task, sources, split, used, real_share, found, equalised, reference, noises)


def _training_kits(
    collection: Collection, allow_tiers: Sequence[str] | None, limits: Limits, workers: int
) -> tuple[Clip, ...]:
    """Return the sound recordings of the kits that are trained on; none if there are none."""
    if not any(c.category == "drums" and c.role == "train" for c in collection.clips):
        return ()
    rows = collection.select("train", ("drums",), allow_tiers)
    return survey(collection, rows, limits=limits, workers=workers).used


def _fits(clip: Clip) -> bool:
    """Whether a file has the form of its category; an index beside the scores has not."""
    return clip.category != SCORES or clip.path.suffix.lower() in SCORE_SUFFIXES


def open_pool(
    task: str,
    sources: str = "real",
    split: str = "train",
    data: str | Path | None = None,
    *,
    kinds: Sequence[str] = KINDS,
    allow_tiers: Sequence[str] | None = None,
    real_share: float = 0.5,
    equalised: bool = False,
) -> Pool:
    """Return the pool that a name stands for; arguments and errors are those of :func:`settle`."""
    return settle(
        task,
        sources,
        split,
        data,
        kinds=kinds,
        allow_tiers=allow_tiers,
        real_share=real_share,
        equalised=equalised,
    ).pool()
