"""One client's work: recordings, a patch with its past, what is estimated and what sounds."""

import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any

from graphophone.codec.json import from_json, parse
from graphophone.errors import FormatError, UsageError
from graphophone.graph.model import Graph
from graphophone.report.wear import sources
from graphophone.studio import edits, saved
from graphophone.studio.editing import edited
from graphophone.studio.estimating import Ear
from graphophone.studio.history import History
from graphophone.studio.jobs import Jobs, Progress
from graphophone.studio.library import Library
from graphophone.studio.patch import Patch
from graphophone.studio.playing import Playing
from graphophone.studio.readings import Readings, named
from graphophone.studio.signals import Signal
from graphophone.studio.sounding import sounding
from graphophone.studio.takes import WHOLE, Inputs, fitted
from graphophone.studio.working import Heard, added, fit, known, listened, nothing, settled

WORK, HEARD = "work.json", "heard.json"


class Session:
    """What one client does; all of it can be found again in its folder.

    Args:
        folder: The folder.
        ear: The models.
        executor: Who waits for what takes a while.
    """

    def __init__(self, folder: Path, ear: Ear, executor: Executor) -> None:
        self.folder, self.ear = folder, ear
        self.library = Library(folder)
        self.jobs = Jobs(executor)
        self.playing = Playing(folder)
        self.history: History | None = None
        self.readings = Readings()
        self.heard = Heard()
        self.probed: Signal | None = None
        self.version = 0
        self.lock = RLock()
        self._inputs: tuple[Any, Inputs] | None = None
        self._restore()

    @property
    def work(self) -> History:
        """The patch with its past.

        Raises:
            UsageError: There is no graph yet.
        """
        if self.history is None:
            raise UsageError("there is no graph yet: give a recording and estimate, or load one")
        return self.history

    @property
    def patch(self) -> Patch:
        """What is worked on."""
        return self.work.patch

    def add(self, upload: Path, name: str, role: str, source: str) -> None:
        """Take in a recording, in the background.

        Args:
            upload: The file as it came; it is used up.
            name: What it is called.
            role: ``reference`` or ``take``.
            source: The source that a stem is for; empty for a whole take.
        """
        try:
            self.jobs.start("upload", lambda tell: self._add(upload, name, role, source, tell))
        except UsageError:
            upload.unlink(missing_ok=True)
            raise

    def estimate(self, task: str = "auto") -> None:
        """Estimate the graph of the reference, in the background."""
        reference = self.library.reference
        if reference is None:
            raise UsageError("give a recording to listen to first")

        def work(tell: Progress) -> None:
            tell("waiting until other recordings were heard", 0, 1)
            with self.ear.turn:
                heard = self.jobs.apart(listened, self.ear, reference, task, tell=tell)
            self._settle(heard, tell)

        self.jobs.start("estimate", work)

    def fit(self, seconds: float, task: str = "auto") -> None:
        """Search for the graph that turns the take into the reference, in the background."""
        if self.library.reference is None or not self.library.take or self.library.built_in:
            raise UsageError("a fit needs both the wet recording and the dry one, as the take")

        def work(tell: Progress) -> None:
            tell("waiting until other recordings were heard", 0, 1)
            with self.ear.turn:
                heard = self.jobs.apart(fit, self.library, self.ear, task, seconds, tell=tell)
            self._settle(heard, tell)

        self.jobs.start("fit", work)

    def load(self, text: str) -> None:
        """Load a graph, or a whole session, from a JSON document, in the background.

        A graph becomes the only reading. Of a session its estimate, its decisions and its past
        come back; what was worked on before can still be undone to.

        Raises:
            FormatError: It is none.
            GraphError: It breaks a rule.
        """
        graph = from_json(parse(text))
        bare, work, notes = saved.work_in(graph)
        if work is None:
            heard = known(bare, notes)
            self.jobs.start("load", lambda tell: self._settle(heard, tell))
            return
        history, heard = work
        notes = saved.missing(graph, self.library)
        self.jobs.start("load", lambda tell: self._settle(heard, tell, history, notes))

    def document(self, *, steps: bool = True) -> dict[str, Any]:
        """Return all but the recordings; see :func:`graphophone.studio.saved.document`."""
        with self.lock:
            return saved.document(self.work, self.heard, self.library, steps=steps)

    def begin(self) -> None:
        """Begin with a graph that does nothing, for a person to decide everything."""
        self.jobs.start("begin", lambda tell: self._settle(nothing(self.library), tell))

    def edit(self, edit: edits.Edit) -> None:
        """Carry out an edit; see :func:`graphophone.studio.editing.edited`."""
        with self.lock:
            patch = edited(self.patch, edit, self.readings)
            self._sound(patch)
            self.work.go(patch, edits.gesture(edit), time.monotonic())
            self._changed()

    def undo(self, *, redo: bool = False) -> None:
        """Go one step back, or forward again.

        Raises:
            UsageError: There is no such step, or the take does not fit the graph of that time.
        """
        with self.lock:
            there, back = self.work.undo, self.work.redo
            if redo:
                there, back = back, there
            there()
            try:
                self._sound(self.patch)
            except UsageError:
                back()
                raise
            self._changed()

    def inputs(self, graph: Graph) -> Inputs:
        """Return how the take enters a graph; the same object as long as nothing has changed."""
        key = (sources(graph), graph.reference_rms_db, tuple(self.library.take.values()))
        if self._inputs is None or self._inputs[0] != key:
            self._inputs = key, self.library.inputs(graph)
        return self._inputs[1]

    def close(self) -> None:
        """Stop all work."""
        self.jobs.stop()
        self.playing.stop()

    def add_now(self, upload: Path, name: str, role: str, source: str = WHOLE) -> None:
        """Take in a recording, and wait for it; see :meth:`add`."""
        self._add(upload, name, role, source, lambda stage, done, total: None)

    def _add(self, upload: Path, name: str, role: str, source: str, progress: Progress) -> None:
        try:
            self.library = self.jobs.apart(
                added, self.library, upload, name, role, source, tell=progress
            )
        finally:
            upload.unlink(missing_ok=True)
        try:
            if role == "take" and self.history is not None:
                self._refit(progress)
        finally:  # a first stem does not fit until the others are there
            with self.lock:
                self._inputs = None
                self._changed(heard=True)
            self.library.tidy()

    def _settle(
        self,
        heard: Heard,
        progress: Progress,
        work: History | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Freeze what was heard on the take, and begin to work on it, or go on with that work."""
        self.heard = heard  # another take may fit it where this one does not
        library, readings = self.jobs.apart(settled, self.library, heard, tell=progress)
        with self.lock:
            self._inputs = None
            self.library = library
            self.readings = replace(readings, notes=(*readings.notes, *notes))
            if work is not None:
                self.history = work.after(self.history)
                if (patch := self._fitting(self.patch)) != self.patch:
                    self.history.go(patch, None, time.monotonic())
            else:
                patch = replace(readings.reading(0), said="take the estimate")
                self.history = History(patch).after(self.history)
            self._sound(self.patch)
            self._changed(heard=True)

    def _refit(self, progress: Progress) -> None:
        """Go on with another take: readings are frozen on it, and what was edited is kept."""
        before = self.patch
        touched = not self.readings.readings or before != self.readings.reading(0)
        if self.heard.graphs:
            self._settle(self.heard, progress)
        if touched:
            with self.lock:
                self.work.go(self._fitting(before), None, time.monotonic())
                self._sound(self.patch)

    def _fitting(self, patch: Patch) -> Patch:
        """Leave out what the take has no stems for."""
        graph, _ = fitted(patch.graph, tuple(self.library.take))
        return replace(patch, graph=named(graph), said="another take").cleaned()

    def _sound(self, patch: Patch) -> None:
        """Render a patch, unless it sounds already."""
        graph = sounding(patch)
        inputs = self.inputs(graph)
        current = self.playing.current
        if current is None or current.graph != graph or current.inputs is not inputs:
            self.playing.begin(graph, inputs)

    def _changed(self, *, heard: bool = False) -> None:
        """Write down what is new, so that a kill loses nothing."""
        self.version += 1
        if heard:
            put(
                self.folder / HEARD,
                {
                    "library": self.library.to_json(),
                    **self.heard.to_json(),
                    "readings": self.readings.to_json(),
                },
            )
        if self.history is not None:
            put(self.folder / WORK, self.history.to_json())

    def _restore(self) -> None:
        """Go on where the folder says that work stopped."""
        if not (self.folder / HEARD).is_file():
            return
        heard = got(self.folder / HEARD)
        self.library = Library.from_json(heard["library"], self.folder)
        self.heard = Heard.from_json(heard)
        self.readings = Readings.from_json(heard["readings"])
        if (self.folder / WORK).is_file():
            self.history = History.from_json(got(self.folder / WORK))
            self._sound(self.history.patch)


def put(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document under a temporary name, then put it in place."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    temporary.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
    temporary.replace(path)


def got(path: Path) -> Any:
    """Read a document.

    Raises:
        FormatError: It is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path.name} of this session is damaged ({error})") from None
