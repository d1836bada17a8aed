"""An example to begin with: a voice through a known graph, and another voice to put it on."""

from pathlib import Path
from random import Random

from graphophone.audio.files import write
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.render import render
from graphophone.studio.session import Session

RATE = 44_100
SECONDS = 8


def example_graph() -> Graph:
    """Return the graph that the example's recording went through."""
    builder = GraphBuilder(SPECS)
    chain = builder.chain(
        builder.add("in", source="voice"),
        builder.add("distortion", gain=26.0, hardness=0.4),
        builder.add("pingpong_delay", delay=0.375, feedback=0.45, mix=0.45),
        builder.add("stereo_reverb", size=0.75, mix=0.45),
    )
    builder.connect(chain, builder.add("out"))
    return builder.graph()


def load_example(session: Session) -> None:
    """Give a session both voices, which the computer sings, and let it estimate."""
    from graphophone.sources import open_pool  # which loads all that sings

    pool = open_pool("singing", "procedural", "unseen")
    voices = [
        pool.draw(Random(f"studio example {k}"), SECONDS * RATE, RATE).tracks["voice"]
        for k in range(2)
    ]
    wet = render(example_graph(), {"voice": voices[0]}, RATE, tail=True)
    files: dict[str, Path] = {}
    for role, audio in (("reference", wet), ("take", voices[1])):
        files[role] = session.folder / f"upload-{role}.wav"
        write(files[role], audio, RATE)
    session.add_now(files["reference"], "example, wet.wav", "reference")
    session.add_now(files["take"], "example, another take.wav", "take")
