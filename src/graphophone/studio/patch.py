"""What a person works on: a graph, what is bypassed, soloed and blended, what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from graphophone.codec.document import Reader
from graphophone.codec.json import to_json
from graphophone.errors import FormatError
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, CATALOGUE_HASH

Decision = Literal["accepted", "swapped", "declined"]


@dataclass(frozen=True)
class Patch:
    """A value: every edit makes another one, so undoing is going back to the one before.

    Attributes:
        graph: A frozen or plain graph. Nodes may lie loose, without all the cables they need;
            those are not heard.
        bypassed: Nodes that pass on what they get.
        solo: The only node that is heard, with what leads to it.
        amounts: How much of a node is heard, from 0 (what it gets) to 1 (what it makes of
            it); 1 where it is not named.
        amount: The same for the whole: from the dry signal to all of the graph.
        decisions: What a person has decided about nodes that were estimated; who declined one
            finds it here, and not in the graph.
        said: What the edit did that led here, in a few words.
    """

    graph: Graph
    bypassed: frozenset[str] = frozenset()
    solo: str | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)
    amount: float = 1.0
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    said: str = field(default="", compare=False)

    def cleaned(self) -> "Patch":
        """Forget what is said of nodes that are gone."""
        ids = {node.id for node in self.graph.nodes}
        return replace(
            self,
            bypassed=self.bypassed & ids,
            solo=self.solo if self.solo in ids else None,
            amounts={name: a for name, a in self.amounts.items() if name in ids and a < 1},
            decisions={
                name: d for name, d in self.decisions.items() if (name in ids) != (d == "declined")
            },
        )

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "graph": to_json(self.graph),
            "bypassed": sorted(self.bypassed),
            "solo": self.solo,
            "amounts": dict(self.amounts),
            "amount": self.amount,
            "decisions": dict(self.decisions),
            "said": self.said,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Patch":
        """Read what :meth:`to_json` gave; a graph with loose nodes is one too.

        Raises:
            FormatError: Something is missing, or the graph is not in the format.
        """
        try:
            graph = Reader(ALL_SPECS, CATALOGUE_HASH).graph(document["graph"])
            return cls(
                graph,
                frozenset(document["bypassed"]),
                document["solo"],
                dict(document["amounts"]),
                float(document["amount"]),
                dict(document["decisions"]),
                str(document["said"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(f"not a patch ({type(error).__name__}: {error})") from None
