"""Promises every processor in the catalogue keeps. Adding one adds it here."""

from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.processors import PROCESSORS
from graphophone.spec import AnyProcessor

every_processor = pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS.keys())
hearing = [p for p in PROCESSORS.values() if p.spec.audio_inlets]
every_hearing_processor = pytest.mark.parametrize(
    "processor", hearing, ids=[p.spec.name for p in hearing]
)
control_inlets = [
    (p, inlet) for p in PROCESSORS.values() for inlet in p.spec.inlets if inlet.signal == "control"
]
every_control_inlet = pytest.mark.parametrize(
    ("processor", "inlet"),
    control_inlets,
    ids=[f"{p.spec.name}.{i.name}" for p, i in control_inlets],
)


def part(tensors: dict[str, Tensor], items: slice) -> dict[str, Tensor]:
    return {name: tensor[items].clone() for name, tensor in tensors.items()}


def assert_same(actual: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert actual.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(actual[name], tensor), f"outlet {name} differs"


@every_processor
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_output_is_finite_and_keeps_shape_and_dtype(
    processor: AnyProcessor, dtype: torch.dtype, rig: Any
) -> None:
    audio = rig.signals(processor.spec, dtype=dtype)
    outlets = rig.run(processor, audio, rig.drawn(processor.spec, dtype=dtype))
    for outlet in processor.spec.outlets:
        signal = outlets[outlet.name]
        channels = {2} if outlet.signal == "audio" else {1, 2}
        assert signal.shape[0] == 3
        assert signal.shape[1] in channels
        assert signal.shape[2] == 512
        assert signal.dtype == dtype
        assert signal.isfinite().all()


@every_processor
def test_single_precision_agrees_with_double(processor: AnyProcessor, rig: Any) -> None:
    audio, knobs = rig.signals(processor.spec), rig.drawn(processor.spec)
    single = rig.run(processor, audio, knobs)
    double = rig.run(
        processor,
        {name: signal.double() for name, signal in audio.items()},
        {name: knob.double() for name, knob in knobs.items()},
    )
    for name, expected in double.items():
        error = torch.linalg.vector_norm(single[name].double() - expected)
        assert error <= 1e-4 * torch.linalg.vector_norm(expected)


@every_hearing_processor
def test_silence_in_gives_silence_out(processor: AnyProcessor, rig: Any) -> None:
    audio = {name: torch.zeros_like(s) for name, s in rig.signals(processor.spec).items()}
    outlets = rig.run(processor, audio, rig.drawn(processor.spec))
    assert not any(signal.any() for signal in outlets.values())


@every_processor
def test_batch_items_do_not_hear_each_other_at_any_batch_size(
    processor: AnyProcessor, rig: Any
) -> None:
    audio, knobs = rig.signals(processor.spec, batch=5), rig.drawn(processor.spec, batch=5)
    together = rig.run(processor, audio, knobs)
    for items in (slice(0, 1), slice(1, 4), slice(4, 5)):
        alone = rig.run(processor, part(audio, items), part(knobs, items))
        assert_same(alone, part(together, items))


@every_hearing_processor
@pytest.mark.parametrize("moving", [False, True], ids=["static", "moving"])
def test_a_control_of_one_clip_holds_for_all(
    processor: AnyProcessor, moving: bool, rig: Any
) -> None:
    audio, knobs = rig.signals(processor.spec, batch=70), rig.drawn(processor.spec, batch=1)
    for inlet in processor.spec.inlets:
        if moving and inlet.signal == "control":
            swing = 0.5 + 0.4 * torch.sin(torch.linspace(0, 6, 512))
            knobs[inlet.knob] = processor.spec.params[inlet.knob].from_travel(swing)[None, None]
    together = rig.run(processor, audio, knobs)
    for items in (slice(0, 1), slice(1, 2), slice(69, 70)):
        assert_same(rig.run(processor, part(audio, items), knobs), part(together, items))


@every_processor
def test_input_is_left_untouched(processor: AnyProcessor, rig: Any) -> None:
    audio, knobs = rig.signals(processor.spec), rig.drawn(processor.spec)
    before = part(audio | knobs, slice(None))
    rig.run(processor, audio, knobs)
    assert_same(audio | knobs, before)


@every_processor
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_is_stable_at_both_ends_of_every_knob(processor: AnyProcessor, rate: int, rig: Any) -> None:
    params = processor.spec.params
    settings: list[dict[str, float]] = [
        {name: p.low for name, p in params.items()},
        {name: p.high for name, p in params.items()},
        *({name: p.low} for name, p in params.items()),
        *({name: p.high} for name, p in params.items()),
    ]
    audio = rig.signals(processor.spec, batch=len(settings), samples=2_048)
    outlets = rig.run(
        processor, audio, rig.knobs(processor.spec, *settings), rate=rate, samples=2_048
    )
    for signal in outlets.values():
        assert signal.isfinite().all()
        assert signal.abs().max() < 100


@every_processor
def test_the_future_does_not_change_the_past(processor: AnyProcessor, rig: Any) -> None:
    audio, knobs = rig.signals(processor.spec), rig.drawn(processor.spec)
    whole = rig.run(processor, audio, knobs)
    start = {name: signal[..., :300].contiguous() for name, signal in audio.items()}
    beginning = rig.run(processor, start, knobs, samples=300)
    assert_same(beginning, {name: signal[..., :300] for name, signal in whole.items()})
    changed = {name: torch.cat((s[..., :300], -s[..., 300:]), -1) for name, s in audio.items()}
    other = rig.run(processor, changed, knobs)
    assert_same({name: s[..., :300] for name, s in other.items()}, beginning)


@every_control_inlet
@pytest.mark.parametrize("channels", [1, 2])
def test_a_control_inlet_modulates(
    processor: AnyProcessor, inlet: Any, channels: int, rig: Any
) -> None:
    param = processor.spec.params[inlet.knob]
    audio, knobs = rig.signals(processor.spec), rig.knobs(processor.spec, {}, {}, {})
    still = rig.run(processor, audio, knobs)
    swing = 0.5 + 0.4 * torch.sin(torch.linspace(0, 6, 512) + torch.arange(channels)[:, None])
    moving = knobs | {inlet.knob: param.from_travel(swing).expand(3, channels, 512).contiguous()}
    for name, signal in rig.run(processor, audio, moving).items():
        assert signal.isfinite().all()
        assert signal.shape == still[name].shape
        assert (signal - still[name]).abs().max() > 1e-3 * still[name].abs().max()


@every_control_inlet
@pytest.mark.parametrize("channels", [1, 2])
def test_a_constant_modulation_changes_nothing(
    processor: AnyProcessor, inlet: Any, channels: int, rig: Any
) -> None:
    audio = rig.signals(processor.spec, dtype=torch.float64)
    knobs = rig.drawn(processor.spec, dtype=torch.float64)
    constant = knobs | {inlet.knob: knobs[inlet.knob].expand(3, channels, 512).contiguous()}
    moving = rig.run(processor, audio, constant)
    for name, expected in rig.run(processor, audio, knobs).items():
        torch.testing.assert_close(moving[name], expected, rtol=1e-9, atol=1e-12)


@every_control_inlet
def test_each_channel_has_its_own_modulation(processor: AnyProcessor, inlet: Any, rig: Any) -> None:
    param = processor.spec.params[inlet.knob]
    audio, knobs = rig.signals(processor.spec), rig.knobs(processor.spec, {}, {}, {})
    travel = torch.stack((torch.linspace(0.3, 0.7, 512), torch.linspace(0.6, 0.2, 512)))
    outlets = []
    for rows in ((0, 0), (1, 1), (0, 1)):
        moving = param.from_travel(travel[list(rows)]).expand(3, 2, 512).contiguous()
        outlets.append(rig.run(processor, audio, knobs | {inlet.knob: moving}))
    left, right, both = outlets
    for name in both:
        assert torch.equal(both[name][:, 0], left[name][:, 0])
        assert torch.equal(both[name][:, 1], right[name][:, 1])
