"""Every way to change a patch, as data; what the page sends and what undo goes back over."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=100)]
Port = Annotated[str, Field(min_length=1, max_length=40)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Model(BaseModel):
    """What is not declared is refused."""

    model_config = ConfigDict(extra="forbid")


class Ends(Model):
    """Which cable: the outlet it comes from and the inlet it goes to."""

    source: Name
    outlet: Port = "out"
    target: Name
    inlet: Port = "in"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The same as a tuple."""
        return self.source, self.outlet, self.target, self.inlet


class Add(Model):
    """Add a processor: into a cable, or loose until it is connected."""

    op: Literal["add"]
    type: Name
    into: Ends | None = Field(None, description="the cable that it is put into")
    source: Name | None = Field(None, description="name of the signal, of an 'in' node")
    id: Name | None = Field(None, description="what to call it")


class Remove(Model):
    """Remove a node; what came to it goes on to where it led."""

    op: Literal["remove"]
    node: Name
    heal: bool = Field(True, description="whether to join the cables that it leaves")


class Connect(Ends):
    """Add a cable."""

    op: Literal["connect"]


class Disconnect(Ends):
    """Remove a cable."""

    op: Literal["disconnect"]


class Rewire(Model):
    """Move a cable to other ends; its level or depth goes with it."""

    op: Literal["rewire"]
    cable: Ends
    to: Ends


class SetCable(Ends):
    """Set the level and polarity of an audio cable, or the depth of a control cable."""

    op: Literal["set_cable"]
    gain_db: Number | None = None
    invert: bool | None = None
    depth: Number | None = None


class SetKnob(Model):
    """Turn one knob to a value in its unit."""

    op: Literal["set_knob"]
    node: Name
    knob: Name
    value: Number


class Bypass(Model):
    """Let a node pass on what it gets, or not any more."""

    op: Literal["bypass"]
    node: Name
    on: bool = True


class Solo(Model):
    """Hear only what comes out of one node; without a node, all again."""

    op: Literal["solo"]
    node: Name | None = None


class SetAmount(Model):
    """Set how much of a node is heard, or of the whole where none is named."""

    op: Literal["set_amount"]
    node: Name | None = None
    amount: Share


class Accept(Model):
    """Agree with an estimated node, or with all of them where none is named."""

    op: Literal["accept"]
    node: Name | None = None


class Decline(Model):
    """Refuse an estimated node: it is removed, and its cables are joined."""

    op: Literal["decline"]
    node: Name


class Swap(Model):
    """Put the runner-up in the place of an estimated node."""

    op: Literal["swap"]
    node: Name


class Adopt(Model):
    """Take another reading as a whole; without a number, start from nothing."""

    op: Literal["adopt"]
    reading: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, description="0 is the estimate itself, 1 the first alternative"
    )


Edit = Annotated[
    Add
    | Remove
    | Connect
    | Disconnect
    | Rewire
    | SetCable
    | SetKnob
    | Bypass
    | Solo
    | SetAmount
    | Accept
    | Decline
    | Swap
    | Adopt,
    Field(discriminator="op"),
]
"""One edit, told apart by ``op``."""


def gesture(edit: Edit) -> str | None:
    """Name what is being turned, where many edits in a row are one gesture of a hand."""
    match edit:
        case SetKnob():
            return f"knob {edit.node} {edit.knob}"
        case SetCable():
            return f"cable {edit.key}"
        case SetAmount():
            return f"amount {edit.node}"
        case _:
            return None
