"""An inspection finds what was planted in a set, and nothing in a sound one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphophone.audio.heard import Packed
from graphophone.generation.inspection import EXTREMES, LISTED, Extreme, inspect_set
from graphophone.generation.reading import Record
from tests.generation.planted import COUNT, Made, clip, example, examples, graph, packed


def broken(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    document = graph("bell")
    change(document)
    return document


def test_a_sound_set_has_no_faults() -> None:
    found = inspect_set(Made(examples()))
    assert (found.examples, found.failed, found.failures) == (COUNT, 0, ())
    assert found.statistics is not None
    assert found.statistics.types["bell"] == sum(range(COUNT)) / COUNT
    assert found.statistics.motifs == {"equaliser": sum(range(COUNT)) / COUNT}
    assert found.redraws == sum(range(1, COUNT + 1))
    assert found.redrawn == 1.0
    assert found.decoded == COUNT


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        ({"graph": broken(lambda d: d["edges"].pop())}, "no cable at its inlet"),
        ({"graph": broken(lambda d: d["nodes"][1].update(type="flanged"))}, "flanged"),
        ({"graph": broken(lambda d: d["nodes"][1]["params"].update(gain=float("nan")))}, "gain"),
        ({"graph": broken(lambda d: d["edges"].append(d["edges"][0]))}, "may be there once"),
        ({"heard": None}, "there is no mel"),
        ({"heard": Packed(packed().mel[..., :4], packed().cepstra)}, "mel has the shape"),
        ({"sounds": {"wet": clip(0.0), "dry.voice": clip()}}, "the wet sound is silent"),
        ({"sounds": {"wet": clip(), "dry.voice": clip(float("nan"))}}, "dry holds NaN"),
        ({"sounds": {"wet": clip(float("inf")), "dry.voice": clip()}}, "wet holds NaN or inf"),
        ({"sounds": {"wet": clip()[:, :-1], "dry.voice": clip()}}, "wet has the shape"),
        ({"sounds": {"wet": clip()}}, "there is no dry sound"),
        ({"sounds": {}}, "there is no wet sound"),
    ],
)
def test_a_planted_fault_is_found_where_it_is(planted: dict[str, Any], reason: str) -> None:
    found = inspect_set(Made(examples(**planted)))
    assert (found.examples, found.failed) == (COUNT - 1, 1)
    assert found.failures[0].file == "example 5"
    assert reason in found.failures[0].reason


def test_what_is_not_stored_is_not_looked_for() -> None:
    planted: dict[str, Any] = {"heard": None, "sounds": {}}
    assert inspect_set(Made(examples(**planted), "graphs")).failed == 0
    assert inspect_set(Made(examples(sounds={}), "features")).failed == 0
    assert inspect_set(Made(examples(**planted), "features")).failed == 1


def test_only_some_examples_are_decoded_where_that_was_asked() -> None:
    found = inspect_set(Made(examples(sounds={})), every=4)
    assert (found.failed, found.decoded) == (0, 3)
    assert {case.index for case in found.extremes["quietest"]} == {0, 4, 8}


def test_missing_doubled_and_strange_indices_are_named() -> None:
    records = examples()
    found = inspect_set(Made([*records[:3], *records[6:9], records[10], records[7], example(40)]))
    assert [str(failure) for failure in found.failures] == [
        "example 7 is there twice",
        "example 40 is none of the set, which has 0 to 11",
        "examples 3 to 5 are missing",
        "example 9 is missing",
        "example 11 is missing",
    ]
    assert found.examples == 7


def test_what_the_set_knows_is_listed_first_and_what_turns_up_later_too() -> None:
    class Fault:
        def __init__(self, file: str) -> None:
            self.file, self.reason = file, "is damaged"

    made = Made(examples())
    made.faults.append(Fault("a.tar"))  # type: ignore[arg-type]

    def reading() -> Iterator[Record]:
        yield from examples(graph={})
        made.faults.append(Fault("b.tar"))  # type: ignore[arg-type]

    vars(made)["made"] = reading()
    files = [failure.file for failure in inspect_set(made).failures]
    assert files == ["a.tar", "example 5", "b.tar"]


def test_of_very_many_faults_the_first_are_listed_and_all_are_counted() -> None:
    found = inspect_set(Made([example(0)] * (2 * LISTED)))
    assert len(found.failures) == LISTED
    assert found.failed == 2 * LISTED - 1 + 1


def test_the_worst_cases_are_those_of_a_sort() -> None:
    found = inspect_set(Made(examples()))
    order = list(range(COUNT))
    assert [c.index for c in found.extremes["nodes"]] == order[::-1][:EXTREMES]
    assert [c.index for c in found.extremes["redraws"]] == order[:EXTREMES]
    assert [c.index for c in found.extremes["quietest"]] == order[:EXTREMES]
    assert found.extremes["nodes"][0] == Extreme(COUNT + 1, COUNT - 1)
    assert found.extremes["quietest"][0].value == pytest.approx(-40 + 20)


def test_of_equal_cases_the_first_stay() -> None:
    records: list[Record] = [example(i, redraws=1, heard=packed()) for i in range(COUNT)]
    found = inspect_set(Made(records, "features"))
    assert [c.index for c in found.extremes["redraws"]] == list(range(EXTREMES))
    assert [c.index for c in found.extremes["quietest"]] == list(range(EXTREMES))


def test_louder_spectrograms_are_louder() -> None:
    levels = [inspect_set(Made([example(0, heard=packed(n))], "features")) for n in (80, 100, 140)]
    values = [found.extremes["quietest"][0].value for found in levels]
    assert values[1] - values[0] == pytest.approx(10)
    assert values[2] - values[1] == pytest.approx(20)


def test_ghosts_are_summed_where_they_were_looked_for() -> None:
    told = {"nodes": 10, "types": ["bell"], "redrawn": 2, "weakest_db": -70.0}
    more = {"other_hands": True, "copy": [{"kind": "mp3"}], "kind": "virtual", "group": "ann"}
    record = example(0, provenance={"ghosts": told} | more)
    found = inspect_set(Made([record, example(1)]))
    assert found.told == {"copy": 0.5, "other_hands": 0.5, "virtual": 0.5}
    said = found.ghosts.to_json()
    assert (said["examples"], said["asked_examples"], said["asked_nodes"]) == (2, 1, 10)
    assert (said["redrawn_graphs"], said["ghosts"], said["ghost_share"]) == (2, 1, 0.1)
    assert said["ghost_types"] == {"bell": 1}


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphophone.generation.inspection.STEP", 5)
        inspect_set(Made(examples()), progress=lambda done, total: told.append((done, total)))
    assert told == [(5, COUNT), (10, COUNT)]
