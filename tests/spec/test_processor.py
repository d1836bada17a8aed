"""A signature is read once and becomes ports, knobs and outlets."""

import re
from typing import Annotated, NamedTuple

import pytest
import torch
from torch import Tensor

from graphophone.errors import ShapeError
from graphophone.spec import Dead, Inlet, Outlet, Param, processor
from graphophone.tensors import Audio, Control

DRIVE = Param(low=0, high=2, default=1, inlet="mod", help="factor")
AMOUNT = Param(low=0, high=1, default=0.5, help="how much")


class Parts(NamedTuple):
    dry: Audio
    level: Control


@processor(
    group="utility",
    source="made up",
    traits=("lti",),
    dead=(Dead("drive", when="amount", low=0.0, high=0.1),),
    revision=3,
)
def toy(
    in_: Audio,
    sidechain: Audio | None = None,
    *,
    drive: Annotated[Control, DRIVE],
    amount: Annotated[Control, AMOUNT],
    sample_rate: int,
) -> Parts:
    """Do next to nothing.

    At length.
    """
    key = in_ if sidechain is None else sidechain
    return Parts(in_ * drive, key[:, :1] * amount)


@processor(group="control", source="made up")
def clock(*, rate: Annotated[Control, AMOUNT], samples: int, sample_rate: int) -> Control:
    """Count."""
    return torch.arange(samples) * rate / sample_rate


def knob(value: float, channels: int = 1, time: int = 1, batch: int = 2) -> Tensor:
    return torch.full((batch, channels, time), value)


AUDIO = torch.ones(2, 2, 8)


def test_positional_arguments_are_inlets_and_named_knobs_have_theirs() -> None:
    assert toy.spec.inlets == (
        Inlet("in"),
        Inlet("sidechain", required=False),
        Inlet("mod", "control", required=False, knob="drive"),
    )
    assert toy.spec.audio_inlets == toy.spec.inlets[:2]
    assert toy.spec.inlet("mod") == toy.spec.inlets[2]
    assert toy.spec.inlet("drive") is None


def test_fields_of_the_result_are_outlets() -> None:
    assert toy.spec.outlets == (Outlet("dry"), Outlet("level", "control"))
    assert toy.spec.outlet("level") == Outlet("level", "control")
    assert toy.spec.outlet("out") is None


def test_a_plain_result_is_called_out_and_knows_what_it_carries() -> None:
    assert clock.spec.inlets == ()
    assert clock.spec.outlets == (Outlet("out", "control"),)


def test_knobs_and_documentation_are_read_off_the_declaration() -> None:
    assert dict(toy.spec.params) == {"drive": DRIVE, "amount": AMOUNT}
    assert toy.spec.defaults() == {"drive": 1.0, "amount": 0.5}
    assert (toy.spec.name, toy.spec.group, toy.spec.revision) == ("toy", "utility", 3)
    assert (toy.spec.summary, toy.spec.source) == ("Do next to nothing.", "made up")
    assert toy.spec.traits == {"lti"}
    assert toy.spec.table().splitlines()[2:] == [
        "| `drive` | 0 … 2 | 1 | linear | factor |",
        "| `amount` | 0 … 1 | 0.5 | linear | how much |",
    ]


@pytest.mark.parametrize(("amount", "live"), [(0.1, ("amount",)), (0.2, ("drive", "amount"))])
def test_a_knob_is_not_live_in_its_dead_zone(amount: float, live: tuple[str, ...]) -> None:
    assert toy.spec.live({"drive": 1.0, "amount": amount}) == live


def test_json_says_what_decides_the_sound() -> None:
    assert toy.spec.to_json() == {
        "name": "toy",
        "revision": 3,
        "inlets": [
            ["in", "audio", True, None],
            ["sidechain", "audio", False, None],
            ["mod", "control", False, "drive"],
        ],
        "outlets": [["dry", "audio"], ["level", "control"]],
        "params": {"drive": DRIVE.to_json(), "amount": AMOUNT.to_json()},
    }


def test_outputs_go_by_name_and_an_open_inlet_is_none() -> None:
    knobs = {"drive": knob(2), "amount": knob(0.5)}
    alone = toy.outputs({"in": AUDIO}, knobs, sample_rate=8, samples=8)
    assert torch.equal(alone["dry"], 2 * AUDIO)
    assert torch.equal(alone["level"], torch.full((2, 1, 8), 0.5))
    keyed = toy.outputs({"in": AUDIO, "sidechain": -AUDIO}, knobs, sample_rate=8, samples=8)
    assert torch.equal(keyed["level"], torch.full((2, 1, 8), -0.5))


def test_a_generator_is_told_how_long_to_play() -> None:
    out = clock.outputs({}, {"rate": knob(1)}, sample_rate=4, samples=5)["out"]
    assert out[0, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("channels", "time"), [(1, 1), (2, 1), (1, 8), (2, 8)], ids=["still", "sides", "moving", "both"]
)
def test_controls_may_be_shared_or_still(channels: int, time: int) -> None:
    drive = knob(1, channels, time)
    dry, _ = toy(AUDIO, drive=drive, amount=knob(0.5), sample_rate=8)
    assert torch.equal(dry, AUDIO)


def test_refuses_audio_without_a_channel_axis() -> None:
    message = re.escape("toy: in must be (batch, channel, time), got (2, 8)")
    with pytest.raises(ShapeError, match=message):
        toy(AUDIO[0], drive=knob(1), amount=knob(0), sample_rate=8)


def test_names_the_inlet_that_differs_from_the_first() -> None:
    message = re.escape("toy: sidechain must be (2, 2, 8), got (2, 2, 7)")
    with pytest.raises(ShapeError, match=message):
        toy(AUDIO, AUDIO[..., 1:], drive=knob(1), amount=knob(0), sample_rate=8)


@pytest.mark.parametrize("shape", [(2, 1, 7), (2, 3, 8), (1, 1, 1), (2, 8)])
def test_names_the_control_that_has_the_wrong_shape(shape: tuple[int, ...]) -> None:
    message = re.escape(f"toy: drive must be (2, 1 or 2, 1 or 8), got {shape}")
    with pytest.raises(ShapeError, match=message):
        toy(AUDIO, drive=torch.ones(shape), amount=knob(0), sample_rate=8)
