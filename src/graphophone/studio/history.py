"""Undo and redo: patches are values, so the past is a list of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphophone.errors import UsageError
from graphophone.studio.patch import Patch

MOST = 100
TOGETHER_SECONDS = 1.0
"""Turns of one knob that follow each other so closely are one step back."""


@dataclass
class History:
    """What was before, and what was undone.

    Attributes:
        patch: What there is now.
        past: What was before, the last one last.
        future: What was undone, the next to come back last.
    """

    patch: Patch
    past: list[Patch] = field(default_factory=list)
    future: list[Patch] = field(default_factory=list)
    _gesture: str | None = None
    _when: float = 0.0

    def go(self, patch: Patch, gesture: str | None, now: float) -> None:
        """Take the next patch; turns of one gesture are one step.

        Args:
            patch: What there is from now on.
            gesture: What a hand is turning, if it is.
            now: The time in seconds.
        """
        same = gesture is not None and gesture == self._gesture
        if not (same and now - self._when < TOGETHER_SECONDS):
            self.past = [*self.past[1 - MOST :], self.patch]
        self.patch, self.future = patch, []
        self._gesture, self._when = gesture, now

    def undo(self) -> None:
        """Go one step back.

        Raises:
            UsageError: There is none.
        """
        if not self.past:
            raise UsageError("there is nothing to undo")
        self.future.append(self.patch)
        self.patch, self._gesture = self.past.pop(), None

    def redo(self) -> None:
        """Go one step forward again.

        Raises:
            UsageError: There is none.
        """
        if not self.future:
            raise UsageError("there is nothing to redo")
        self.past.append(self.patch)
        self.patch, self._gesture = self.future.pop(), None

    def after(self, before: "History | None") -> "History":
        """Return the same work with steps that lead back to what there was before it.

        Where there is not room for all steps, both give up their oldest.
        """
        if before is None:
            return self
        own = self.past[-MOST // 2 :]
        past = [*before.past, before.patch][len(own) - MOST :]
        return History(self.patch, [*past, *own], self.future)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "patch": self.patch.to_json(),
            "past": [patch.to_json() for patch in self.past],
            "future": [patch.to_json() for patch in self.future],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "History":
        """Read what :meth:`to_json` gave."""
        past, future = ([Patch.from_json(p) for p in document[key]] for key in ("past", "future"))
        return cls(Patch.from_json(document["patch"]), past, future)
