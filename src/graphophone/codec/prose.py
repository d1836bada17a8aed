"""A graph in one sentence, as a musician would say it.

The sentence follows the sound from ``in`` to ``out``. It has a budget: in a long graph the least
telling steps are left out and counted at the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from graphophone.codec.movement import Heard
from graphophone.codec.passage import Branch, Fork, Passage, Step, journey
from graphophone.codec.phrases import BANDS, interval, phrase, place
from graphophone.codec.wording import Phrase, copy, joined, listed, predicate
from graphophone.graph.model import Graph
from graphophone.spec import ProcessorSpec

NOTHING = "no processing found"
REWIRED = "only split and joined again, with no effect on the way"
BARE = {"in", "out", "mix"}
BUDGET = 6
"""Most steps that one sentence tells of a single source or a bus."""
SIDE_BUDGET = 2
"""Most steps that it tells of a branch or of one instrument."""
EQUALISERS = {"lowshelf", "bell", "highshelf"}
ROOMS = {"mono_reverb", "stereo_reverb"}


def sentence(graph: Graph, specs: Mapping[str, ProcessorSpec], bpm: float | None = None) -> str:
    """Say what a graph does.

    Args:
        graph: A finished, valid graph.
        specs: Description of each node type.
        bpm: Tempo; delays are called by note values where it is given.

    Returns:
        One sentence without capital and full stop, such as ``doubled an octave down, then a
        dotted-eighth ping-pong at about 120 bpm into a long plate``.
    """
    return Speaker(graph, specs, bpm).sentence()


@dataclass(frozen=True, slots=True)
class Speaker:
    """Everything that is the same throughout one sentence."""

    graph: Graph
    specs: Mapping[str, ProcessorSpec]
    bpm: float | None

    def sentence(self) -> str:
        """Say the whole graph."""
        way = journey(self.graph, self.specs)
        tracks, told = self.tracks(way.tracks)
        bus, heard = self.told(way.bus, BUDGET if not tracks else BUDGET // 2)
        told += heard
        text = joined(bus)
        if tracks:
            text = f"{tracks}; then all of it {predicate(bus)}" if bus else tracks
        if not text:
            return REWIRED if any(n.type not in BARE for n in self.graph.nodes) else NOTHING
        more = sum(self.counts(i) for i in range(len(self.graph))) - told
        return f"{text} and {more} more step{'s' if more > 1 else ''}" if more > 0 else text

    def counts(self, node: int) -> bool:
        """Whether a node is a step of its own, that is neither wiring nor a control."""
        spec = self.specs[self.graph.nodes[node].type]
        return spec.group not in ("terminal", "control") and "structural" not in spec.traits

    def tracks(self, tracks: Iterable[tuple[str, Passage]]) -> tuple[str, int]:
        """Say what happens to each instrument: ``the kick compressed, the hat untouched``."""
        texts, plain, told = [], [], 0
        for name, steps in tracks:
            phrases, nodes = self.told(steps, SIDE_BUDGET)
            told += nodes
            if phrases:
                texts.append(f"the {name} {predicate(phrases)}")
            else:
                plain.append(f"the {name}")
        if not texts:
            return "", told
        if plain:
            texts.append(f"{listed(plain)} untouched")
        return ", ".join(texts), told

    def told(self, steps: Passage, budget: int) -> tuple[list[Phrase], int]:
        """Return the most telling phrases in their order, and how many nodes they stand for."""
        phrases = list(self.phrases(steps))
        ranked = sorted(range(len(phrases)), key=lambda i: (-phrases[i].weight, i))
        kept = [phrases[i] for i in sorted(ranked[:budget])]
        return kept, sum(p.nodes for p in kept)

    def phrases(self, steps: Passage) -> Iterable[Phrase]:
        """Say the steps of a passage, those that belong together in one phrase."""
        for run, group in groupby(steps, self._is_equaliser):
            parts = list(group)
            if run and len(parts) > 1:
                yield self.equaliser(parts)
            else:
                yield from self.gated(self.each(parts))

    def each(self, steps: Iterable[Step]) -> Iterable[tuple[str, Phrase]]:
        """Say each step by itself, with its type."""
        for step in steps:
            if isinstance(step, Fork):
                spoken = self.fork(step)
            else:
                spoken = phrase(Heard(self.graph, self.specs, step, self.bpm))
            if spoken:
                yield "fork" if isinstance(step, Fork) else self.graph.nodes[step].type, spoken

    def gated(self, parts: Iterable[tuple[str, Phrase]]) -> Iterable[Phrase]:
        """Call a reverb and the gate behind it a gated reverb."""
        pending: Phrase | None = None
        for type_, spoken in parts:
            if type_ == "noisegate" and pending:
                faint, _, space = pending.text.rpartition("a ")
                key = spoken.text.removeprefix("gated")
                yield Phrase(
                    f"{faint}a gated {space}" + (f", opened{key}" if key else ""), True, 7, 2
                )
                pending = None
                continue
            if pending:
                yield pending
            pending = spoken if type_ in ROOMS else None
            if not pending:
                yield spoken
        if pending:
            yield pending

    def equaliser(self, steps: list[Step]) -> Phrase:
        """Say a run of equaliser bands as one."""
        bands = [spoken.text for _, spoken in self.each(steps)]
        shown = listed(bands[:3]) if len(bands) <= 3 else f"{', '.join(bands[:3])} and more"
        return Phrase(f"an EQ with {shown}", thing=True, weight=3, nodes=len(bands))

    def fork(self, fork: Fork) -> Phrase | None:
        """Say what happens side by side."""
        start = self.graph.nodes[fork.start]
        if start.type in BANDS:
            return self.bands(fork)
        dry = [b for b in fork.branches if not b.steps]
        wet = [b for b in fork.branches if b.steps]
        voices = [voice for branch in wet if (voice := self.voice(branch))]
        if voices and len(voices) == len(wet):
            verb = "doubled" if dry else "split into voices"
            return Phrase(f"{verb} {listed(voices)}", weight=7, nodes=self.size(wet))
        copies, told = [], 0
        for branch in wet:
            phrases, nodes = self.told(branch.steps, SIDE_BUDGET)
            told += nodes
            if phrases:
                faint = "a touch of " if branch.gain_db < -12 else ""
                copies.append(faint + copy(phrases))
        if not copies:
            return None
        if dry or len(copies) == 1:
            return Phrase(f"{listed(copies)} beside the dry sound", True, 6, told)
        return Phrase(f"{listed(copies)} side by side", True, 6, told)

    def size(self, branches: Iterable[Branch]) -> int:
        """Count the steps on some branches; those of inner forks are told apart."""
        return sum(
            isinstance(step, int) and self.counts(step) for b in branches for step in b.steps
        )

    def voice(self, branch: Branch) -> str | None:
        """Say a branch that only shifts and places a voice: ``a fifth up on the left``."""
        types = [self.graph.nodes[s].type for s in branch.steps if isinstance(s, int)]
        if types not in (["pitchshift"], ["pitchshift", "panning"]):
            return None
        knobs = [self.graph.nodes[s].knobs for s in branch.steps if isinstance(s, int)]
        text = interval(knobs[0]["semitone"])
        if len(knobs) == 2 and abs(knobs[1]["pan"]) >= 0.05:
            where = place(knobs[1]["pan"])
            text += f" {where}" if " " in where else f" on the {where}"
        return text

    def bands(self, fork: Fork) -> Phrase | None:
        """Say work on bands, or on middle and sides: ``the lows overdriven``."""
        start = Heard(self.graph, self.specs, fork.start, self.bpm)
        names = BANDS[start.node.type]
        texts, told = [], 0
        for branch in sorted(fork.branches, key=lambda b: list(names).index(b.outlet)):
            phrases, nodes = self.told(branch.steps, SIDE_BUDGET)
            told += nodes
            if phrases:
                texts.append(f"{names[branch.outlet]} {predicate(phrases)}")
        if start.node.type == "midside_split":
            return Phrase(f"with {listed(texts)}", weight=5, nodes=told) if texts else None
        where = f"split at {start.text('frequency')}"
        told += 1
        text = f"{where} with {listed(texts)}" if texts else where
        return Phrase(text, weight=5 if texts else 1, nodes=told)

    def _is_equaliser(self, step: Step) -> bool:
        if isinstance(step, Fork) or self.graph.nodes[step].type not in EQUALISERS:
            return False
        return not any(e.inlet != "in" for e in self.graph.incoming(step))
