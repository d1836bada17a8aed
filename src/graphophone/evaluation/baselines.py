"""What can be had without a model: three trivial answers to every recording.

``mean_parameters`` is given the true prototype, as the parameter metrics are, and turns each
knob to the mean of the training set. ``most_frequent_graph`` answers every recording with the
commonest prototype, its knobs at their means. ``nearest_neighbour`` answers with the whole
graph of the training recording whose mel spectrum looks most alike. None of them hears
anything else of the truth. A metric that has no meaning for a baseline is absent: nothing is
said token by token, and graphs taken from a valid set are valid.
"""

from graphophone.codec.tokens import Vocabulary, decode, encode
from graphophone.codec.travel import Travel, with_travels
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.parameters import parameter_loss
from graphophone.evaluation.prototype import free_errors, iou
from graphophone.evaluation.reference import Array, Key, Reference, mean_values
from graphophone.evaluation.tally import Score, Tally
from graphophone.graph.canonical import prototype
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

NAMES = ("mean_parameters", "most_frequent_graph", "nearest_neighbour")


def finished(graph: Graph, values: Array, vocabulary: Vocabulary) -> Graph:
    """Set the knobs of a graph's prototype by travels, a row a token of that graph."""
    tokens = encode(graph, vocabulary, SPECS)
    return with_travels(decode(tokens, vocabulary), tokens, values, vocabulary, SPECS)


class Baselines:
    """The three, ready to answer."""

    def __init__(self, reference: Reference, *, by_track: bool) -> None:
        """Learn from a training set.

        Args:
            reference: The set.
            by_track: Whether overlap is counted by track, as for drums.
        """
        sources = dict.fromkeys(
            str(graph.nodes[i].source) for graph in reference.graphs for i in graph.inputs
        )
        self.vocabulary = Vocabulary.of(SPECS, sources)
        self.reference = reference
        self.by_track = by_track
        self.means: dict[Key, float] = reference.mean_travels()
        frequent = reference.most_frequent()
        self.frequent = finished(frequent, mean_values(self.means, frequent), self.vocabulary)

    def scores(self, truth: Graph, travel: Travel, look: Array, stage: Stage) -> dict[str, Score]:
        """Score each baseline on one example.

        Args:
            truth: The true graph.
            travel: Its travels.
            look: :func:`graphophone.evaluation.reference.features` of its sound.
            stage: Its dry clips.
        """
        means = mean_values(self.means, prototype(truth))
        turned = finished(prototype(truth), means, Vocabulary.of(SPECS, _sources(truth)))
        return {
            "mean_parameters": {
                "parameter_loss": parameter_loss(travel, means),
                "mss_oracle": Tally(stage.distance(truth, turned)),
            },
            "most_frequent_graph": self._whole(truth, self.frequent, stage),
            "nearest_neighbour": self._whole(truth, self.reference.nearest(look), stage),
        }

    def _whole(self, truth: Graph, answer: Graph, stage: Stage) -> Score:
        return {
            "iou": iou(truth, answer, by_track=self.by_track),
            "mss_default": Tally(stage.default_distance(truth, answer)),
            "mss_full": Tally(stage.distance(truth, answer)),
            **free_errors(truth, answer),
        }


def _sources(graph: Graph) -> tuple[str, ...]:
    return tuple(str(graph.nodes[i].source) for i in graph.inputs)
