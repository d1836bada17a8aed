"""Rendering with processors of another make."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from torch import Tensor

from graphophone.generation.hands.hand import Hand
from graphophone.render.execute import Execution, Values
from graphophone.render.plan import Plan, Step
from graphophone.tensors import Audio

OURS: Final[Mapping[str, Hand]] = MappingProxyType({})


class HandedExecution(Execution):
    """An execution that leaves some types of processors to others; one clip at a time."""

    def __init__(
        self,
        plan: Plan,
        sources: Mapping[str, Audio],
        sample_rate: int,
        hands: Mapping[str, Hand] = OURS,
    ) -> None:
        super().__init__(plan, sources, sample_rate)
        self.hands = hands

    def compute(self, step: Step, audio: Mapping[str, Tensor], knobs: Values) -> dict[str, Tensor]:
        """Return what a processor, or its other make, makes of some audio."""
        hand = self.hands.get(step.spec.name)
        if hand is None:
            return super().compute(step, audio, knobs)
        return {"out": hand(audio["in"], self.controls(step, knobs), self.sample_rate)}
