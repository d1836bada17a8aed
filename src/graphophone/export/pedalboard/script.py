"""A frozen graph as a Python script that runs pedalboard's classes."""

import io
import re
from collections.abc import Mapping

import numpy as np

from graphophone.export.fidelity import GRADES, Fidelity, Grade, Part
from graphophone.export.names import plain
from graphophone.export.patch import Patch
from graphophone.export.pedalboard.classes import CHORUSES, STANDS, Stand, Swing, n
from graphophone.export.pedalboard.impulses import Response, responses
from graphophone.export.pedalboard.template import BAKED, HEAD, MAIN
from graphophone.processors import ALL_SPECS
from graphophone.render.plan import Feed, Step, plan

REST = Swing(0.1, 0.0)
"""An oscillator that moves nothing."""
WORD = re.compile(r"\b(?:x|side)\b")
CLASS = re.compile(r"\b([A-Z]\w+)\(")
BAKEABLE = ("filter", "delay")
"""Groups of which what is linear becomes an impulse response in the ``exact`` mode."""


class Script:
    """Writes the lines of a patch, in the order of its plan.

    Args:
        patch: What to write; its graph is frozen or plain.
        baked: Whether linear parts become impulse responses.

    Attributes:
        impulses: Responses by name of the signal that they make.
    """

    def __init__(self, patch: Patch, *, baked: bool) -> None:
        self.patch, self.graph, self._baked = patch, patch.graph, baked
        self.impulses: dict[str, Response] = {}
        self._steps = plan(patch.graph, ALL_SPECS).steps
        self._inputs = [step.node for step in self._steps if step.spec.name == "in"]
        self._lines: list[str] = []
        self._parts: dict[int, Part] = {}
        for step in self._steps:
            self._node(step)

    @property
    def fidelity(self) -> Fidelity:
        """How well each node is carried."""
        return Fidelity.of(self.graph, self._parts)

    def text(self) -> str:
        """Return the whole script."""
        names = [plain(str(self.graph.nodes[i].source)) for i in self._inputs]
        parts = self.fidelity.parts
        counts = ", ".join(f"{g} {len(self.fidelity.graded(g))}" for g in GRADES)
        wide = max(len(plain(part.name)) for part in parts)
        rows = [f"    {plain(p.name):{wide}}  {p.grade:12}  {p.note}".rstrip() for p in parts]
        body = "\n".join(f"    {line}" for line in self._lines)
        classes = {"Pedalboard", *CLASS.findall(body)}
        classes |= {"Convolution"} if self.impulses else set()
        head = HEAD.format(
            classes=", ".join(sorted(classes)),
            title=plain(self.patch.title),
            author=plain(self.patch.author),
            window=plain(self.patch.window),
            counts=counts,
            table="\n".join(rows),
            inputs=" ".join(f"{name}.wav" for name in names),
        )
        arguments = ", ".join(self._name(i) for i in self._inputs)
        process = (
            f"def process({arguments}, rate):\n"
            f'    """Put {", ".join(names)}, each (2, time), through the graph."""\n'
            f"{body}\n    return {self._name(self.graph.output)}\n"
        )
        extra = [BAKED.format(rate=self.patch.sample_rate)] if self.impulses else []
        main = MAIN.format(count=len(names), names=" ".join(names))
        return "\n\n".join([head, *extra, process, main])

    def archive(self) -> bytes:
        """Return all impulse responses as NumPy stores them."""
        file = io.BytesIO()
        arrays: Mapping[str, Response] = self.impulses
        np.savez_compressed(file, allow_pickle=False, **arrays)
        return file.getvalue()

    def _name(self, node: int) -> str:
        return f"{self.graph.nodes[node].type}_{node}"

    def _port(self, node: int, outlet: str) -> str:
        several = len(ALL_SPECS[self.graph.nodes[node].type].outlets) > 1
        return f"{self._name(node)}_{outlet}" if several else self._name(node)

    def _grade(self, node: int, grade: Grade, note: str) -> None:
        self._parts[node] = Part(self.graph.label(node), grade, note)

    def _node(self, step: Step) -> None:
        node, kind = step.node, step.spec.name
        name, one = self._name(node), self.graph.nodes[node]
        label = plain(self.graph.label(node))
        if kind == "in":
            level = self.patch.levels_db[str(one.source)]
            if level:
                self._lines.append(f"{name} = scaled({name}, {n(level)})  # {label}")
            return
        if step.spec.group == "control":
            self._control(node)
            return
        if kind == "out":
            heard = self._heard(step, "in")
            self._lines.append(f"{name} = scaled({heard}, {n(self.patch.output_db)})")
            return
        level = (one.scale_db or 0.0) if self.graph.energy == "frozen" else 0.0
        words = {"x": self._heard(step, step.spec.audio_inlets[0].name)}
        if "side" in step.audio:
            words["side"] = self._heard(step, "side")
        for port, code in self._codes(step).items():
            code = WORD.sub(lambda found: words.get(found.group(), found.group()), code)
            code = f"scaled({code}, {n(level)})" if level else code
            self._lines.append(f"{port} = {code}  # {label}")

    def _codes(self, step: Step) -> dict[str, str]:
        """Return an expression of ``x`` for each outlet, and grade the node."""
        node, kind = step.node, step.spec.name
        knobs, lost = self.graph.nodes[node].knobs, self._lost(step)
        linear = "lti" in step.spec.traits and not step.control and step.spec.group in BAKEABLE
        if self._baked and linear:
            found, whole = responses(kind, knobs, self.patch.sample_rate)
            if not whole:
                self._grade(node, "approximated", "its tail is cut after 10 s")
            made = {self._port(node, outlet): answer for outlet, answer in found.items()}
            self.impulses |= made
            return {port: f'baked(x, rate, "{port}")' for port in made}
        several = len(step.spec.outlets) > 1
        codes = {}
        for outlet in step.spec.outlets:
            function = f"{kind}_{outlet.name}" if several else kind
            if function not in STANDS:
                self._grade(node, "dropped", "pedalboard has nothing like it")
                codes[self._port(node, outlet.name)] = "x"
                continue
            stand: Stand = STANDS[function](knobs, self._swing(step))
            if stand.grade != "exact" or lost:
                notes = "; ".join(filter(None, (stand.note, lost)))
                self._grade(node, "approximated", notes)
            codes[self._port(node, outlet.name)] = stand.code
        return codes

    def _lost(self, step: Step) -> str:
        """Say which cables of a node find no inlet."""
        lost = []
        if "sidechain" in step.audio:
            lost.append("hears itself instead of its sidechain")
        movers = [f for feeds in step.control.values() for f in feeds]
        carried = step.spec.name in CHORUSES and any(self._is_lfo(f) for f in movers)
        if movers and not carried:
            lost.append(f"{' and '.join(step.control)} stands still")
        return ", ".join(lost)

    def _is_lfo(self, feed: Feed) -> bool:
        return "frequency" in self.graph.nodes[feed.port[0]].knobs

    def _swing(self, step: Step) -> Swing:
        """Return the first oscillator that moves a node's knob."""
        for feed in (f for feeds in step.control.values() for f in feeds):
            if self._is_lfo(feed):
                return Swing(self.graph.nodes[feed.port[0]].knobs["frequency"], feed.factor)
        return REST

    def _control(self, node: int) -> None:
        """Grade a generator of control signals, which has no class of its own."""
        is_lfo = "frequency" in self.graph.nodes[node].knobs
        moved = {self.graph.nodes[e.target].type for e in self.graph.outgoing(node)}
        if is_lfo and moved & CHORUSES:
            self._grade(node, "approximated", "as the oscillator inside what it moves")
        else:
            self._grade(node, "dropped", "pedalboard has no modulation")

    def _heard(self, step: Step, inlet: str) -> str:
        """Return what is called the sum of the cables at an inlet."""
        terms = []
        for feed in step.audio[inlet]:
            edge, signal = self.graph.edges[feed.cable], self._port(*feed.port)
            term = f"scaled({signal}, {n(edge.gain_db)})" if edge.gain_db else signal
            terms.append(f"-{term}" if edge.invert else term)
        if len(terms) == 1 and terms[0].isidentifier():
            return terms[0]
        name = f"{self._name(step.node)}_{inlet}"
        self._lines.append(f"{name} = {' + '.join(terms).replace('+ -', '- ')}")
        return name
