"""What an evaluation found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphophone.evaluation.paper import COLUMNS
from graphophone.evaluation.tally import Figure

PERFECT = {"iou": 1.0, "iou_masked": 1.0}
"""Best value of each metric; 0 for those that are not listed."""

METRICS = (
    *COLUMNS,
    "node_error_masked",
    "edge_error_masked",
    "node_error_free",
    "edge_error_free",
    "iou_masked",
    "mss_default_masked",
    "mss_full_masked",
    "node_error_free_masked",
    "edge_error_free_masked",
)
"""All metrics: those of the paper's Table 2 in its order, then those given beside them."""

Figures = Mapping[str, Figure | None]
"""A figure for each of ``METRICS``, or ``None`` where one has no meaning."""


@dataclass(frozen=True, slots=True)
class CopyFigures:
    """The model's figures on spoiled copies of the same examples.

    Attributes:
        metrics: The figures.
        changes: What is added to those of the clean recordings, interval by pairs.
    """

    metrics: Figures
    changes: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationResult:
    """The figures of one model on one set.

    Attributes:
        task: ``singing`` or ``drums``.
        split: ``seen`` or ``unseen`` (or ``train``).
        sources: ``real``, ``procedural`` or ``mixed``.
        kinds: Categories of real recordings; empty for all.
        mix: ``paper`` or ``wide``.
        count: Number of examples.
        seed: Seed of the set.
        reference_count: How many training examples the baselines know.
        reference_seed: Seed of those.
        weights: Which model, in words.
        metrics: The model's figures.
        baselines: Figures of row 2 (``no_latent``), if there is one, and of the trivial ones.
        copies: Figures on spoiled copies, by kind; empty where none were asked for.
        copies_missing: Why a kind of copy could not be made here.
        seconds: How long it took.
    """

    task: str
    split: str
    sources: str
    kinds: tuple[str, ...]
    mix: str
    count: int
    seed: int
    reference_count: int
    reference_seed: int
    weights: str
    metrics: Figures
    baselines: Mapping[str, Figures] = field(default_factory=dict)
    copies: Mapping[str, CopyFigures] = field(default_factory=dict)
    copies_missing: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def skill(self) -> dict[str, float | None]:
        """The share of the way from knowing nothing to perfect, for each metric.

        ``None`` where there is no row 2, or where row 2 is perfect already.
        """
        nothing = self.baselines.get("no_latent", {})
        return {name: skill(name, self.metrics.get(name), nothing.get(name)) for name in METRICS}


def skill(metric: str, figure: Figure | None, row2: Figure | None) -> float | None:
    """Return (row 2 - x) / (row 2 - perfect)."""
    if figure is None or row2 is None:
        return None
    return bare_skill(metric, figure.value, row2.value)


def bare_skill(metric: str, value: float | None, row2: float | None) -> float | None:
    """Return :func:`skill` of values that have no interval, such as printed ones."""
    if value is None or row2 is None:
        return None
    way = row2 - PERFECT.get(metric, 0.0)
    return None if abs(way) < 1e-12 else (row2 - value) / way


def complete(figures: Mapping[str, Figure]) -> dict[str, Figure | None]:
    """Return an entry for every metric."""
    return {name: figures.get(name) for name in METRICS}
