"""``graphophone demo``: what the tool is, in a minute, with sounds that it makes itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json

if TYPE_CHECKING:
    from graphophone.graph.model import Graph

SEED = "demo"
SECONDS = 8


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("demo_out"),
    weights: Annotated[Path | None, typer.Option(help="A model of your own.")] = None,
    as_json: Json = False,
) -> None:
    """Hear a wet voice, write its graph, put it on another take; then hear a dry one."""
    console = Console("demo", as_json=as_json)
    from graphophone.api.estimator import Listeners
    from graphophone.audio.files import write
    from graphophone.codec.text import describe
    from graphophone.processors import SPECS
    from graphophone.report import delivery
    from graphophone.report.wear import Take, wear

    listeners = Listeners("singing", weights)
    listeners.load("singing")
    console.prepare()
    delivery.folder(out)
    voice, other, plain = _voice(0, "unseen"), _voice(1, "unseen"), _voice(2, "seen")
    truth = known_graph()
    wet, _ = wear(truth, Take({"": voice}, RATE, "voice"))
    wet_path, take_path, dry_path = (out / f"{n}.wav" for n in ("wet", "take", "dry"))
    for path, audio in ((wet_path, wet), (take_path, other), (dry_path, plain)):
        write(path, audio, RATE)

    console.say(
        "1. A voice that no model has heard, sung by the computer, through a known graph.\n"
    )
    heard, recording = listeners.hear(wet_path)
    files = delivery.plan(out, take_path)
    take = Take({"": other}, RATE, take_path.name)
    given = delivery.deliver(heard, recording, wet_path.name, files, take=take)
    console.say(f"   heard:  {heard.sentence()}")
    console.say(f"   truth:  {_sentence(truth)}\n")
    console.say(describe(heard.graph, SPECS, heard.verdict.nodes) + "\n")
    console.say(f"2. The same graph on another take: {given.files['take']}")
    console.say(f"   Everything to read, see and hear on one page: {given.files['report']}\n")

    console.say(
        "3. A dry voice of the kind that the model has learned from, which nothing was done to.\n"
    )
    honest, _ = listeners.hear(dry_path)
    right = len(honest.graph) == 2
    console.say(f"   heard:  {honest.sentence()}")
    console.say(f"   truth:  no processing found{'' if right else ' (so this time it was wrong)'}")
    console.answer(**_answer(heard, honest, truth, given.files))


RATE = 44_100


def _voice(number: int, split: str) -> Any:
    """Sing a phrase: a voice outside the range of those that models learn from, or within it."""
    from random import Random

    from graphophone.sources import open_pool

    pool = open_pool("singing", "procedural", split)
    return pool.draw(Random(f"{SEED} {number}"), SECONDS * RATE, RATE).tracks["voice"]


def known_graph() -> "Graph":
    """Return the graph that the demo hides in its recording."""
    from graphophone.graph.build import GraphBuilder
    from graphophone.processors import SPECS

    builder = GraphBuilder(SPECS)
    voice = builder.add("in", source="voice")
    drive = builder.add("distortion", gain=26.0, hardness=0.4)
    echo = builder.add("pingpong_delay", delay=0.375, feedback=0.45, mix=0.45)
    space = builder.add("stereo_reverb", size=0.75, mix=0.45)
    out = builder.add("out")
    for source, target in ((voice, drive), (drive, echo), (echo, space), (space, out)):
        builder.connect(source, target)
    return builder.graph()


def _sentence(graph: "Graph") -> str:
    from graphophone.codec.prose import sentence
    from graphophone.processors import SPECS

    return sentence(graph, SPECS)


def _answer(heard: Any, honest: Any, truth: "Graph", files: dict[str, Path]) -> dict[str, Any]:
    from graphophone.codec.json import to_json

    return {
        "graph": to_json(heard.graph),
        "sentence": heard.sentence(),
        "confidence": heard.confidence,
        "truth": {"graph": to_json(truth), "sentence": _sentence(truth)},
        "dry": {"graph": to_json(honest.graph), "sentence": honest.sentence()},
        "files": {role: str(path) for role, path in files.items()},
    }
