"""What a gradient costs in memory: a hundred nodes and four stereo seconds fit into 2 GB."""

import subprocess
import sys

LIMIT = 2e9

GRADIENT = """
import os
import resource
import sys
from pathlib import Path
import torch
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import plan

torch.set_num_threads(1)
inlets = {
    "highpass": None, "compressor": None, "bell": "frequency", "distortion": None,
    "mono_delay": None, "stereo_reverb": None, "chorus": "mod", "lowpass4": "frequency",
    "phaser": "mod", "panning": "pan",
}
builder = GraphBuilder(SPECS)
last = builder.add("in", source="voice")
for number in range(68):
    name, inlet = [*inlets.items()][number % len(inlets)]
    node = builder.add(name)
    builder.connect(last, node)
    if inlet:
        builder.connect(builder.add("stereo_lfo"), node, inlet=inlet, depth=0.2)
    last = node
builder.connect(last, builder.add("out"))
graph = builder.graph()
assert len(graph) >= 100
knobs = Knobs(graph, SPECS)

def learn(samples):
    travel = knobs.travel.clone().requires_grad_()
    dry = {"voice": 0.1 * torch.randn(1, 2, samples)}
    execution = execute(plan(graph, SPECS), dry, 44_100, settings=knobs.settings(travel))
    execution.result().square().mean().backward()
    assert travel.grad.isfinite().all() and travel.grad.abs().max() > 0

# Compiling kernels takes memory of its own: another process does it first, and keeps what it made.
child = os.fork()
if not child:
    learn(1_000)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
learn(int(sys.argv[1]))

# Linux counts as ours what the process was before it became this one: there, ask for the peak of
# this program alone.
status = Path("/proc/self/status")
if status.exists():
    (line,) = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
    print(int(line.split()[1]) * 1024)
else:
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def peak(samples: int) -> int:
    """Return the largest size in bytes of a process that takes the gradient of so many samples."""
    done = subprocess.run(
        [sys.executable, "-c", GRADIENT, str(samples)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_a_hundred_nodes_learn_within_two_gigabytes() -> None:
    assert peak(4 * 44_100) < LIMIT
