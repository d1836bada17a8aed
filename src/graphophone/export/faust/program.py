"""A frozen graph as one Faust program: a definition a node, a slider a knob."""

from collections.abc import Mapping, Sequence

from graphophone.export.faust.library import LIBRARY
from graphophone.export.faust.slider import Slider, number
from graphophone.export.fidelity import Fidelity, Part
from graphophone.export.names import plain
from graphophone.export.patch import LEVEL, Patch
from graphophone.graph.model import Edge
from graphophone.processors import ALL_SPECS
from graphophone.render.plan import Feed, Step, plan
from graphophone.spec import DEPTH, GAIN, Param

SIDES = ("left", "right")
STEREO_CONTROLS = frozenset({"stereo_lfo"})
"""Types whose control has a channel for each side."""
PASSING = frozenset({"mix"})
"""Types that let pass what comes in."""
CABLES, MOVERS = 80, 90
"""Places of sliders that are no knobs, below those that are."""


class Program:
    """Writes the definitions of a patch, in the order of its plan.

    Args:
        patch: What to write; its graph is frozen or plain.
        grouped: Whether the sliders of a node stand in a group; not every host shows groups.

    Attributes:
        inputs: Positions of the ``in`` nodes, in the order of the program's inputs.
    """

    def __init__(self, patch: Patch, *, grouped: bool = True) -> None:
        self.patch, self.graph, self._grouped = patch, patch.graph, grouped
        steps = plan(patch.graph, ALL_SPECS).steps
        self.inputs = tuple(step.node for step in steps if step.spec.name == "in")
        self._lines: list[str] = []
        self._known = LIBRARY.names.keys() | PASSING
        self._parts: dict[int, Part] = {}
        for step in steps:
            self._lines += ["", f"// {plain(self.graph.label(step.node))}"]
            self._node(step)

    @property
    def fidelity(self) -> Fidelity:
        """How well each node is carried."""
        return Fidelity.of(self.graph, self._parts)

    def text(self) -> str:
        """Return the whole program."""
        sources = [f"{self._name(i)}_{side}" for i in self.inputs for side in SIDES]
        body = "\n".join(f"    {line}".rstrip() for line in self._lines).lstrip("\n")
        start = f"process({', '.join(sources)}) = {self._name(self.graph.output)}"
        process = f"{start}\nwith {{\n{body}\n}};"
        return "\n\n".join((self._head(), process, LIBRARY.needed(self._lines))) + "\n"

    def label(self, node: int) -> str:
        """Return what a node is called on the surface: the group of its sliders."""
        one = self.graph.nodes[node]
        return f"{node} in {plain(one.source)}" if one.source else f"{node} {one.type}"

    def _head(self) -> str:
        patch = self.patch
        names = ", ".join(plain(str(self.graph.nodes[i].source)) for i in self.inputs)
        return "\n".join(
            (
                f"// {plain(patch.title)}: an audio processing graph, by {plain(patch.author)}.",
                f"// Inputs: left and right of {names}. Outputs: left and right.",
                f"// Levels were measured on {plain(patch.window)}.",
                "// Compile with -double: in single precision pitch shifters drift, echoes blur.",
                "",
                f'declare name "{plain(patch.title)}";',
                f'declare author "{plain(patch.author)}";',
            )
        )

    def _name(self, node: int) -> str:
        """Return what a node's signal is called."""
        return f"{self.graph.nodes[node].type}_{node}"

    def _port(self, node: int, outlet: str) -> str:
        """Return what the signal at an outlet is called."""
        name = self._name(node)
        return f"{name}_{outlet}" if self._has_several(node) else name

    def _has_several(self, node: int) -> bool:
        return len(ALL_SPECS[self.graph.nodes[node].type].outlets) > 1

    def _define(self, name: str, meaning: object) -> str:
        self._lines.append(f"{name} = {meaning};")
        return name

    def _node(self, step: Step) -> None:
        name, kind = self._name(step.node), step.spec.name
        if kind in ("in", "out"):
            level_db = self.patch.output_db
            heard = self._heard(step)
            if kind == "in":
                level_db = self.patch.levels_db[str(self.graph.nodes[step.node].source)]
                heard = ", ".join(f"{name}_{side}" for side in SIDES)
            level = self._slider(step.node, "level", 0, LEVEL, level_db)
            self._define(name, f"{heard} : scaled({level})")
            return
        heard, knobs = self._heard(step), self._knobs(step)
        for outlet in step.spec.outlets:
            function = f"{kind}_{outlet.name}" if self._has_several(step.node) else kind
            chain = (heard, self._call(step, function, knobs), self._scale(step))
            self._define(self._port(step.node, outlet.name), " : ".join(filter(None, chain)))
        if kind in STEREO_CONTROLS:
            self._define(f"{name}_left", f"{name} : _, !")
            self._define(f"{name}_right", f"{name} : !, _")

    def _scale(self, step: Step) -> str:
        """Return the gain that stands for the energy rule, if there is one."""
        scale_db = self.graph.nodes[step.node].scale_db
        wanted = self.graph.energy == "frozen" and scale_db
        return f"scaled({number(scale_db)})" if wanted and scale_db else ""

    def _call(self, step: Step, function: str, knobs: Mapping[str, Sequence[str]]) -> str:
        """Return a processor for both channels.

        One that treats channels alike takes one of them; another one takes both, and both sides
        of a knob that may be moved.
        """
        if function not in self._known:
            label = self.graph.label(step.node)
            self._parts[step.node] = Part(label, "dropped", "it has no definition in Faust")
        if function in PASSING or function not in self._known:
            return ""
        if "per_channel" in step.spec.traits:
            left, right = (call(function, [k[side] for k in knobs.values()]) for side in (0, 1))
            return f"both({left})" if left == right else f"{left}, {right}"
        movable = {inlet.knob for inlet in step.spec.inlets}
        words = [k if name in movable else k[:1] for name, k in knobs.items()]
        return call(function, [word for sides in words for word in sides])

    def _heard(self, step: Step) -> str:
        """Return what comes in at all audio inlets, side by side."""
        parts: list[str] = []
        for inlet in step.spec.audio_inlets:
            feeds = step.audio.get(inlet.name)
            # A sidechain that is not connected hears what is processed.
            parts.append(self._total(step, inlet.name, feeds) if feeds else parts[0])
        return ", ".join(parts)

    def _total(self, step: Step, inlet: str, feeds: Sequence[Feed]) -> str:
        """Return the sum of cables, under a name of its own unless it is one untouched cable."""
        cables = [self._cable(feed) for feed in feeds]
        if len(cables) == 1 and cables[0].isidentifier():
            return cables[0]
        total = f"{', '.join(cables)} :> _, _" if len(cables) > 1 else cables[0]
        return self._define(f"{self._name(step.node)}_{inlet}", total)

    def _cable(self, feed: Feed) -> str:
        edge, signal = self.graph.edges[feed.cable], self._port(*feed.port)
        if edge.gain_db == 0:
            return f"({signal} : inverted(0.0))" if edge.invert else signal
        label = f"gain of {self._origin(edge)}"
        gain = self._slider(edge.target, label, CABLES, GAIN, edge.gain_db)
        return f"({signal} : {'inverted' if edge.invert else 'scaled'}({gain}))"

    def _origin(self, edge: Edge) -> str:
        """Name a cable where it ends."""
        outlet = f" {edge.outlet}" if self._has_several(edge.source) else ""
        main = ALL_SPECS[self.graph.nodes[edge.target].type].audio_inlets[0].name
        control = ALL_SPECS[self.graph.nodes[edge.source].type].group == "control"
        inlet = "" if control or edge.inlet == main else f" to {edge.inlet}"
        return f"{self.label(edge.source)}{outlet}{inlet}"

    def _knobs(self, step: Step) -> dict[str, tuple[str, str]]:
        """Define a node's knobs; return what each is called for the left and the right channel."""
        made: dict[str, tuple[str, str]] = {}
        settings = self.graph.nodes[step.node].knobs
        for place, (name, param) in enumerate(step.spec.params.items()):
            knob = self._slider(step.node, name, place, param, settings[name])
            feeds = step.control.get(name)
            made[name] = self._moved(step, name, param, knob, feeds) if feeds else (knob, knob)
        return made

    def _moved(
        self, step: Step, name: str, param: Param, knob: str, feeds: Sequence[Feed]
    ) -> tuple[str, str]:
        """Define what control cables make of a knob, alike for both channels or not."""
        depths, stereo = [], []
        for feed in feeds:
            edge = self.graph.edges[feed.cable]
            label = f"{name} moved by {self._origin(edge)}"
            depths.append(self._slider(step.node, label, MOVERS, DEPTH, edge.depth))
            stereo.append(self.graph.nodes[edge.source].type in STEREO_CONTROLS)
        made = []
        for side in SIDES if any(stereo) else ("",):
            controls = [
                f"{self._name(feed.port[0])}_{side}" if wide else self._name(feed.port[0])
                for feed, wide in zip(feeds, stereo, strict=True)
            ]
            products = (f"{d} * {c}" for d, c in zip(depths, controls, strict=True))
            ends = f"{number(param.low)}, {number(param.high)}"
            word = "_".join(filter(None, (self._name(step.node), name, "moved", side)))
            meaning = f"moved_{param.taper}({ends}, {knob}, {' + '.join(products)})"
            made.append(self._define(word, meaning))
        return made[0], made[-1]

    def _slider(self, node: int, label: str, place: int, param: Param, value: float) -> str:
        """Define a slider; return what it is called."""
        slider = Slider(self.label(node), node, label, place, param, value, self._grouped)
        return self._define(slider.word(self._name(node)), slider)


def call(function: str, words: Sequence[str]) -> str:
    """Return a function with its knobs, if it has any."""
    return f"{function}({', '.join(words)})" if words else function
