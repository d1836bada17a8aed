"""SciPy: filters as second-order sections, in double precision."""

from collections.abc import Sequence

import numpy as np
import scipy
import scipy.signal
from torch import Tensor

from graphophone.benchmark import laws
from graphophone.benchmark.contender import Contender, Run
from graphophone.benchmark.job import Job
from graphophone.benchmark.oracles.filters import KINDS, filtered, section


class Scipy:
    """A dependency of ours, so it is always here."""

    name = "scipy"

    def missing(self) -> str | None:
        """It is here."""
        return None

    def remark(self) -> str | None:
        """Nothing had to be done."""
        return None

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return {self.name: scipy.__version__}

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Do rows of second-order filters."""
        if job.shape != "series" or not set(job.types) <= set(KINDS):
            return []
        rows = [section(stage.type, stage.knobs, job.rate) for stage in job.stages]
        sections = np.stack(rows)

        def prepare(audio: Tensor) -> Run:
            clips = audio.numpy()
            return lambda: scipy.signal.sosfilt(sections, clips)

        return [Contender(self.name, prepare, laws.equals(filtered(rows), "its definition"))]
