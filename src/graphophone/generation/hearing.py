"""A cheap test on every node of a graph while it is rendered: can it be heard?"""

from collections.abc import Mapping

from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.generation.measure import TRAVEL_STEP, Measured, decibels, difference, on_grid
from graphophone.render.execute import SCALE_LIMIT_DB, Execution
from graphophone.render.plan import Port, Step

HEARD_DB = -26.0
"""A node is heard if what it changes is louder than this, relative to its input."""
BRANCH_DB = -22.0
"""A branch is heard if it is louder than this, relative to the sum it enters."""
FAINT_DB = -36.0
"""What a node changes has to be louder than this, relative to each sum that its branch enters."""
SILENT_DB = -80.0
"""Mean power of what is not there."""
KNOB_TRAVEL = 0.02
"""A modulation is heard if it moves its knob by more than this share of its travel."""


class Ghost(Exception):  # noqa: N818 - a signal between drawing and its caller, not a fault
    """A node cannot be heard, whatever was tried; its graph has to be drawn again."""


class Hearing:
    """What can be heard in one graph, node by node in the order of rendering.

    It remembers of each signal how loud the least of what its nodes have changed is, relative to
    the signal: a node that shapes a branch well is lost all the same if the branch is a soft one.

    Args:
        execution: The rendering, of one clip.
    """

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._faintest: dict[Port, float] = {}

    def arriving(self, step: Step, audio: Mapping[str, Tensor]) -> dict[str, Measured]:
        """Return the signals at the audio inlets of a step, to be measured.

        Raises:
            Ghost: Nothing comes in, or a branch or what was done to it drowns in the sum.
        """
        heard, faintest = {}, 0.0
        for inlet, feeds in step.audio.items():
            powers = [float(self._energy(feed.port)[0]) * feed.factor**2 for feed in feeds]
            total = Measured(
                audio[inlet], self.execution.sample_rate, powers[0] if len(feeds) == 1 else None
            )
            heard[inlet] = total
            if total.level_db <= SILENT_DB:
                raise Ghost(f"{step.spec.name}.{inlet} is silent")
            for feed, power in zip(feeds, powers, strict=True):
                level = decibels(power / total.energy)
                if len(feeds) > 1 and level < BRANCH_DB:
                    raise Ghost(f"{step.spec.name}.{inlet} has a branch that drowns")
                if inlet != "sidechain":
                    faintest = min(faintest, self.faintest(feed.port) + min(level, 0.0))
        if faintest < FAINT_DB:
            raise Ghost(f"{step.spec.name} has a branch in which a node drowns")
        for outlet in step.spec.outlets:
            self._faintest[step.node, outlet.name] = faintest
        return heard

    def accepts(
        self, step: Step, heard: Mapping[str, Measured], knobs: Mapping[str, float]
    ) -> bool:
        """Whether a step that was run changes its signal, and each modulation moves its knob."""
        execution = self.execution
        ports = [(step.node, outlet.name) for outlet in step.spec.outlets]
        if step.spec.name == "in":
            execution.energies[ports[0]] = energy(execution.signals[ports[0]])
        if not all(self._moves(step, name, knobs[name]) for name in step.control):
            return False
        if step.spec.group in {"terminal", "control"} or "structural" in step.spec.traits:
            return True
        if abs(decibels(float(execution.scales[step.node][0]) ** 2)) >= SCALE_LIMIT_DB:
            return False  # next to nothing came out, and order would matter to the energy rule
        total = heard["in"]
        left = [float(execution.energies[port][0]) for port in ports]
        if len(left) > 1:
            return all(decibels(power / total.energy) > BRANCH_DB for power in left)
        if decibels(left[0] / total.signal.numel()) <= SILENT_DB:
            return False
        change = decibels(difference(execution.signals[ports[0]], total.signal) / total.energy)
        if change <= HEARD_DB:
            return False
        self._faintest[ports[0]] = min(self._faintest[ports[0]], change)
        return True

    def faintest(self, port: Port) -> float:
        """Return how loud the least of all changes to a signal is, in dB relative to it."""
        return self._faintest.get(port, 0.0)

    def _energy(self, port: Port) -> Tensor:
        """Return the energy of a signal, measured unless the energy rule has done so."""
        known = self.execution.energies.get(port)
        return energy(self.execution.signals[port]) if known is None else known

    def _moves(self, step: Step, name: str, value: float) -> bool:
        """Whether the cables at a knob move it by more than :data:`KNOB_TRAVEL`."""
        movement = sum(
            self.execution.signals[feed.port] * feed.factor for feed in step.control[name]
        )
        if not isinstance(movement, Tensor) or movement.shape[-1] == 1:
            return False
        travel = step.spec.params[name].to_travel(value)
        ends = (float(end) for end in (movement.min(), movement.max()))
        reached = (min(max(travel + end, 0.0), 1.0) for end in ends)
        return on_grid(max(abs(end - travel) for end in reached), TRAVEL_STEP) >= KNOB_TRAVEL
