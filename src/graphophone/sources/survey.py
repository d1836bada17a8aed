"""Looking at all recordings before the first is used, and remembering what was seen."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, astuple, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from graphophone.dsp.compile import cache_folder
from graphophone.errors import FormatError
from graphophone.sources.checks import Facts, Finding, Limits, examine, judge
from graphophone.sources.clip import Clip
from graphophone.sources.collection import Collection
from graphophone.sources.splits import NOISE

VERSION = 1
"""Of what is measured: remembered facts of another version are measured again."""
CHUNK = 16
SAVE_EVERY = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Survey:
    """Which recordings are used, and why others are not.

    Attributes:
        found: What the folder was recognised as, in a sentence.
        used: The files that are used, in order.
        findings: Everything that is wrong with the others.
        licences: For each licence that is used: tier, groups, files, seconds.
        credits: Whom to name.
        withheld: How many files of each tier are there that may not be used.
    """

    found: str
    used: tuple[Clip, ...]
    findings: tuple[Finding, ...]
    licences: tuple[dict[str, Any], ...]
    credits: tuple[str, ...]
    withheld: Mapping[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A checksum over what is used: names and parts of files, in order, and their strokes."""
        digest = hashlib.sha256()
        for clip in self.used:
            digest.update(f"{clip.name}\n{clip.start:.6f} {clip.end:.6f}\n".encode())
            if clip.shot:
                shot = clip.shot
                said = (clip.group, clip.cls, shot.group, shot.off_by, *astuple(shot.region))
                digest.update(f"{said}\n".encode())
        return "sha256:" + digest.hexdigest()

    @property
    def files(self) -> int:
        """How many files are used; a recording may answer several strokes of a kit."""
        return len({clip.name for clip in self.used})

    def counts(self) -> dict[str, int]:
        """Return how many files each check has taken out; a file may count more than once."""
        pairs = {(finding.file, finding.check) for finding in self.findings}
        return dict(sorted(Counter(check for _, check in pairs).items()))

    def sentences(self) -> list[str]:
        """Say what was found and what was left out, for people."""
        said = [self.found]
        if self.findings:
            left = len({finding.file for finding in self.findings})
            first = self.findings[0]
            said.append(
                f"{left} of {left + self.files} recordings left out ({_list(self.counts())}); "
                f"the first is {first.file}: {first.reason}"
            )
        for tier, count in self.withheld.items():
            noun = "recording has" if count == 1 else "recordings have"
            said.append(f"{count} {noun} the tier {tier}, which --allow-tier {tier} permits")
        return said

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; it names files and no places."""
        return {
            "found": self.found,
            "files": self.files,
            "digest": self.digest,
            "left_out": self.counts(),
            "findings": [asdict(finding) for finding in self.findings],
            "licences": list(self.licences),
            "credits": list(self.credits),
            "withheld": dict(self.withheld),
        }


def survey(
    collection: Collection,
    rows: Sequence[Clip],
    *,
    limits: Limits,
    strict: bool = False,
    workers: int = 1,
    withheld: Mapping[str, int] | None = None,
    progress: Progress | None = None,
) -> Survey:
    """Look at files, or remember them, and keep those that are sound.

    The result depends on the files alone: not on the number of workers, nor on what was
    remembered. A file is known by path, size and time of change.

    Args:
        collection: Where they come from.
        rows: Which of its files are asked for, in order.
        limits: From where on a file is not used.
        strict: Refuse files with a fault instead of leaving them out.
        workers: Processes that look.
        withheld: How many more files of each tier there are that may not be used.
        progress: Called with (files done, files in all).

    Raises:
        FormatError: One sentence: no file can be used, or one has a fault and ``strict`` is set.
    """
    facts = _facts(collection.folder, rows, workers, progress)
    findings: dict[Finding, None] = {}
    used: list[Clip] = []
    for row in rows:
        faults = judge(row, facts[row.path], limits)
        findings |= dict.fromkeys(faults)
        if not faults:
            used.append(row)
    result = Survey(
        collection.sentence(),
        tuple(used),
        tuple(findings),
        tuple(_licences(used, facts)),
        collection.credits,
        withheld or {},
    )
    unusable = all(row.category == NOISE for row in used)  # noise alone makes no example
    if findings and (strict or unusable):
        count, first = len({row.name for row in rows}), result.findings[0]
        how_many = "none" if unusable else f"{count - result.files}"
        cannot = "can be used" if unusable else "cannot be used"
        raise FormatError(
            f"{collection.folder}: {how_many} of {count} recordings {cannot} "
            f"({_list(result.counts())}); the first is {first.file}: {first.reason}"
        )
    return result


def _licences(used: Sequence[Clip], facts: dict[Path, Facts]) -> Iterator[dict[str, Any]]:
    """Yield what each licence covers, the longest first."""
    kinds = sorted({(clip.licence, clip.tier, clip.category) for clip in used})
    rows = []
    for licence, tier, category in kinds:
        these = [c for c in used if (c.licence, c.tier, c.category) == (licence, tier, category)]
        mine = list({(c.name, c.start, c.end): c for c in these}.values())
        seconds = sum((c.end - c.start) * facts[c.path].seconds for c in mine)
        rows.append(
            {
                "licence": licence,
                "tier": tier,
                "category": category,
                "groups": sorted({clip.group for clip in these}),
                "files": len(mine),
                "seconds": round(seconds, 1),
            }
        )
    yield from sorted(rows, key=lambda row: -float(str(row["seconds"])))


def _facts(
    folder: Path, rows: Sequence[Clip], workers: int, progress: Progress | None
) -> dict[Path, Facts]:
    """Return what is known of each file, having looked at those of which nothing is."""
    store = cache_folder("recordings") / f"{_name(folder)}.json"
    known = _load(store)
    facts, wanted = {}, {}
    for row in rows:
        key = _key(row)
        if key in known:
            facts[row.path] = Facts(**known[key])
        else:
            wanted[row.path] = (row, key)
    done = len(rows) - len(wanted)
    for looked, (row, key, fact) in enumerate(_looked(list(wanted.values()), workers), start=1):
        facts[row.path] = fact
        if key:
            known[key] = asdict(fact)
        if looked % SAVE_EVERY == 0 or looked == len(wanted):
            _save(store, known)
        if progress:
            progress(done + looked, len(rows))
    return facts


def _looked(jobs: list[tuple[Clip, str]], workers: int) -> Iterator[tuple[Clip, str, Facts]]:
    """Yield the facts of files in order, here or from other processes."""
    clips = [clip for clip, _ in jobs]
    if workers <= 1 or len(jobs) <= CHUNK:
        for clip, key in jobs:
            yield clip, key, examine(clip)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        results = executor.map(examine, clips, chunksize=CHUNK)
        for (clip, key), fact in zip(jobs, results, strict=True):
            yield clip, key, fact


def _key(clip: Clip) -> str:
    """Return what a file is known by; the empty string where it cannot be read.

    A kit that cannot be read is not remembered: what it lacks may be there the next time.
    """
    if clip.fault:
        return ""
    try:
        stat = clip.path.stat()
    except OSError:
        return ""
    kind = f"{clip.category}{' checked' if clip.sha256 else ''}"
    return f"{clip.name} {stat.st_size} {stat.st_mtime_ns} {kind}"


def _name(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _load(store: Path) -> dict[str, dict[str, Any]]:
    """Return what was remembered; nothing where that is torn or of another version."""
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
        return dict(content["facts"]) if content["version"] == VERSION else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _save(store: Path, known: dict[str, dict[str, Any]]) -> None:
    """Remember, under a temporary name first; who cannot write looks again next time."""
    temporary = store.with_name(f"{store.name}.{os.getpid()}.part")
    try:
        temporary.write_text(json.dumps({"version": VERSION, "facts": known}), encoding="utf-8")
        temporary.replace(store)
    except OSError:
        temporary.unlink(missing_ok=True)


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {check}" for check, count in counts.items())
