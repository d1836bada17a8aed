"""The page of a set: what it says of planted sets."""

from pathlib import Path

import torch

from graphophone.audio.features import RATE
from graphophone.codec.json import from_json
from graphophone.generation.card import card_of
from graphophone.generation.inspection import Extreme, Failure, inspect_set
from graphophone.generation.scales import Scales
from graphophone.processors import SPECS
from graphophone.report.gallery import Gallery, html
from graphophone.report.samples import Sample, choose, samples
from graphophone.report.sound import Sound, clips
from tests.generation.planted import COUNT, Made, example, examples


def page(stored: Made, shown: list[Sample]) -> str:
    found = inspect_set(stored)
    vars(stored).update(folder=Path("a <set>"))
    return html(Gallery("a <set>", card_of(stored, found, Scales()), found, shown))


def test_failed_checks_come_first_and_are_counted() -> None:
    text = page(Made(examples(graph={})), [])
    assert "11 sound singing examples, and 1 found wrong." in text
    assert text.index("Failed checks") < text.index(">Statistics<")
    assert "<td>example 5</td><td>has no valid graph: " in text


def test_a_sound_set_has_no_list_of_failures() -> None:
    text = page(Made(examples()), [])
    assert "12 singing examples, and nothing found wrong." in text
    assert "Failed checks" not in text


def test_what_others_wrote_is_text_and_no_markup() -> None:
    sung = {"kind": "<b>", "group": "<script>alert(1)</script>"}
    shown = example(3, provenance=sung)
    sound = Sound("Wet", "<i>", torch.full((2, 4_000), 0.1), RATE)
    sample = Sample(shown, from_json(shown.graph, SPECS), clips([sound]), "", "<u>")
    text = page(Made(examples(provenance=sung)), [sample])
    for marked in ("<b>kind", "<script>alert", "<i>", "<u>", "a <set>"):
        assert marked not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "a &lt;set&gt;" in text


def test_the_worst_of_each_kind_and_an_even_spread_are_chosen() -> None:
    found = inspect_set(Made(examples()))
    chosen = choose(found, COUNT, 3)
    assert chosen == {0: "most redraws, quietest wet", 5: "", 11: "largest graph"}
    assert choose(found, COUNT, 0) == {}
    assert found.extremes["nodes"][0] == Extreme(COUNT + 1, COUNT - 1)


def test_samples_come_with_stored_sound_or_a_picture_of_it() -> None:
    chosen = {1: "", 4: "quietest wet"}
    first, second = samples(Made(examples()), chosen, None, 0)
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert [clip.name for clip in first.clips] == ["Dry", "Wet"]
    assert (first.record.index, second.record.index) == (1, 4)
    assert (second.why, second.picture) == ("quietest wet", "")
    (seen,) = samples(Made([example(1, sounds={})], "features"), {1: ""}, None, 5)
    assert isinstance(seen, Sample)
    assert seen.picture.startswith("data:image/png;base64,")
    assert seen.clips == ()
    (bare,) = samples(Made([example(1, sounds={}, heard=None)], "graphs"), {1: ""}, None, 5)
    assert isinstance(bare, Sample)
    assert (bare.picture, bare.clips) == ("", ())


def test_what_is_broken_is_no_sample() -> None:
    assert list(samples(Made(examples(graph={})), {5: ""}, None, 0)) == []
    assert str(Failure("example 5", "is missing")) == "example 5 is missing"
