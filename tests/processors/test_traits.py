"""What processors declare about themselves is measured, in both directions."""

from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.processors import PROCESSORS
from graphophone.spec import AnyProcessor

SAMPLES = 8_192
SECOND = 44_100
"""Samples, and their rate: it has every band, and a second has room for echoes of echoes."""
audible = [
    p
    for p in PROCESSORS.values()
    if p.spec.audio_inlets and all(o.signal == "audio" for o in p.spec.outlets)
]
every_audible_processor = pytest.mark.parametrize(
    "processor", audible, ids=[p.spec.name for p in audible]
)
knobs_of_all = [(p, name) for p in PROCESSORS.values() for name in p.spec.params]


def agree(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return all(bool((a[n] - b[n]).norm() <= 1e-9 * (1e-9 + b[n].norm())) for n in b)


@every_audible_processor
def test_is_lti_exactly_if_it_says_so(processor: AnyProcessor, rig: Any) -> None:
    spec, double = processor.spec, torch.float64
    knobs = rig.drawn(spec, dtype=double)
    x, y = (rig.signals(spec, samples=SAMPLES, seed=seed, dtype=double) for seed in (1, 2))

    def run(audio: dict[str, Tensor]) -> dict[str, Tensor]:
        outlets: dict[str, Tensor] = rig.run(processor, audio, knobs)
        return outlets

    fx, fy = run(x), run(y)
    superposed = agree(
        run({n: 2 * x[n] - 3 * y[n] for n in x}), {n: 2 * fx[n] - 3 * fy[n] for n in fx}
    )

    def late(signals: dict[str, Tensor]) -> dict[str, Tensor]:
        return {n: torch.nn.functional.pad(s, (77, 0))[..., :SAMPLES] for n, s in signals.items()}

    assert (superposed and agree(run(late(x)), late(fx))) == ("lti" in spec.traits)


@every_audible_processor
def test_treats_channels_alike_and_apart_exactly_if_it_says_so(
    processor: AnyProcessor, rig: Any
) -> None:
    spec, double = processor.spec, torch.float64
    knobs = rig.drawn(spec, dtype=double)
    audio = rig.signals(spec, samples=SAMPLES, dtype=double)
    out = rig.run(processor, audio, knobs)
    swapped = rig.run(processor, {n: s.flip(1) for n, s in audio.items()}, knobs)
    alike = agree(swapped, {n: s.flip(1) for n, s in out.items()})
    silenced = {n: s * torch.tensor([[1.0], [0.0]], dtype=double) for n, s in audio.items()}
    alone = rig.run(processor, silenced, knobs)
    apart = agree({n: s[:, :1] for n, s in alone.items()}, {n: s[:, :1] for n, s in out.items()})
    assert (alike and apart) == ("per_channel" in spec.traits)


@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
def test_a_dead_zone_is_dead(processor: AnyProcessor, rig: Any) -> None:
    spec = processor.spec
    audio = rig.signals(spec, batch=1, samples=SAMPLES)
    for zone in spec.dead:
        param, when = spec.params[zone.knob], spec.params[zone.when]
        for edge in {max(zone.low, when.low), min(zone.high, when.high)}:
            settings = ({zone.when: edge, zone.knob: v} for v in (param.low, param.high))
            one, other = (
                rig.run(processor, audio, rig.knobs(spec, s), samples=SAMPLES) for s in settings
            )
            assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("processor", "knob"), knobs_of_all, ids=[f"{p.spec.name}.{k}" for p, k in knobs_of_all]
)
def test_every_knob_does_something(processor: AnyProcessor, knob: str, rig: Any) -> None:
    """Turned from a quarter to three quarters of its travel, the others at their defaults."""
    param = processor.spec.params[knob]
    low, high = (param.snap(param.from_travel(travel)) for travel in (0.25, 0.75))
    settings = [processor.spec.defaults() | {knob: value} for value in (low, high)]
    audio = {
        name: signal.expand(2, -1, -1).contiguous()
        for name, signal in rig.signals(processor.spec, batch=1, samples=SECOND).items()
    }
    knobs = rig.knobs(processor.spec, *settings)
    outlets = rig.run(processor, audio, knobs, samples=SECOND, rate=SECOND)
    change = max(float((s[0] - s[1]).norm() / (s[0].norm() + 1e-9)) for s in outlets.values())
    assert change > 1e-3
    assert all(knob in processor.spec.live(setting) for setting in settings)


@every_audible_processor
def test_the_first_sample_is_heard_at_once(processor: AnyProcessor, rig: Any) -> None:
    """Some setting lets the very first sample through, unless all it does is delay."""
    params = processor.spec.params
    settings = [{}, {n: p.low for n, p in params.items()}, {n: p.high for n, p in params.items()}]
    audio = {
        inlet.name: torch.tensor([0.5, 0.0]).expand(3, 2, 2).contiguous()
        for inlet in processor.spec.audio_inlets
    }
    outlets = rig.run(processor, audio, rig.knobs(processor.spec, *settings))
    heard = any(bool(signal[..., 0].any()) for signal in outlets.values())
    assert heard == (processor.spec.name not in {"pitchshift"})
