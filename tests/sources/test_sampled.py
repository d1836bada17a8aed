"""Kits as their own files say: SFZ, Hydrogen; turns, velocities, chokes; a human feel."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile

from graphophone.errors import FormatError
from graphophone.sources import folder_pool
from graphophone.sources.dry import Mono
from graphophone.sources.feel import Humanised, humanise
from graphophone.sources.grooves import Groove, Hit
from graphophone.sources.hydrogen import articulation_of, read_hydrogen
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import HATS, Kit, Layers, play
from graphophone.sources.sampled import SampledKits, chokes
from graphophone.sources.sfz import read_sfz
from graphophone.sources.shots import Region, Shot

RATE = 8_000


def shot(folder: Path, name: str, value: float, seconds: float = 0.01) -> None:
    """Write a recording that holds one value, so that what is played can be read off it."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / name, np.full(round(seconds * RATE), value), RATE, subtype="FLOAT")


def sfz(folder: Path, text: str, **values: float) -> Path:
    for name, value in values.items():
        shot(folder, f"{name}.wav", value)
    path = folder / "kit.sfz"
    path.write_text(text)
    return path


def played(path: Path, *hits: Hit, seed: int = 0) -> Mapping[str, Mono]:
    read = read_hydrogen if path.suffix == ".xml" else read_sfz
    kit = SampledKits({"kit": read(path).shots}).draw(Random(0), RATE)
    return play(kit, hits, RATE, RATE, Random(seed))


def peaks(track: Mono, times: list[float]) -> list[float]:
    return [round(float(track[round(time * RATE) + 5]), 3) for time in times]


def test_velocities_choose_regions_and_their_volume_counts(tmp_path: Path) -> None:
    text = """
        <control> default_path=samples/
        <global> amp_veltrack=0
        <group> key=38 // a snare
        <region> sample=soft one.wav hivel=63 volume=6.0206
        <region> sample=hard.wav lovel=64
    """
    shot(tmp_path / "samples", "soft one.wav", 0.1)
    shot(tmp_path / "samples", "hard.wav", 0.5)
    times = [0.1, 0.3, 0.5, 0.7]
    hits = [Hit(t, "snare", v) for t, v in zip(times, (0.1, 0.49, 0.51, 1.0), strict=True)]
    snare = played(sfz(tmp_path, text), *hits)["snare"]
    assert peaks(snare, times) == pytest.approx([0.2, 0.2, 0.5, 0.5], abs=0.002)


def test_velocity_is_squared_unless_a_kit_says_otherwise(tmp_path: Path) -> None:
    hits = [Hit(0.1, "kick", 0.5)]
    for track, gain in ((100, 0.25), (50, 0.5), (0, 1.0)):
        text = f"<region> sample=a.wav key=36 amp_veltrack={track}"
        kick = played(sfz(tmp_path, text, a=0.8), *hits)["kick"]
        assert peaks(kick, [0.1]) == pytest.approx([0.8 * gain], abs=0.002)


def test_round_robin_takes_turns_from_anywhere(tmp_path: Path) -> None:
    text = "<group> key=c2 seq_length=3 amp_veltrack=0\n" + "\n".join(
        f"<region> sample={name}.wav seq_position={i}" for i, name in enumerate("abc", 1)
    )
    path = sfz(tmp_path, text, a=0.1, b=0.2, c=0.3)
    times = [0.1 * i for i in range(9)]
    starts = set()
    for seed in range(12):
        kick = played(path, *(Hit(t, "kick", 1.0) for t in times), seed=seed)["kick"]
        found = peaks(kick, times)
        assert found[:3] * 3 == pytest.approx(found)
        assert sorted(found[:3]) == pytest.approx([0.1, 0.2, 0.3], abs=0.001)
        starts.add(found[0])
    assert len(starts) == 3


def test_chance_picks_one_recording_as_often_as_said(tmp_path: Path) -> None:
    text = """<group> key=36 amp_veltrack=0 <region> sample=a.wav hirand=0.25
              <region> sample=b.wav lorand=0.25"""
    path = sfz(tmp_path, text, a=0.1, b=0.2)
    kit = SampledKits({"kit": read_sfz(path).shots}).draw(Random(0), RATE)
    hits = [Hit(0.02 * i, "kick", 1.0) for i in range(400)]
    kick = play(kit, hits, 9 * RATE, RATE, Random(0))["kick"]
    found = peaks(kick, [hit.time for hit in hits])
    assert 70 < sum(value == pytest.approx(0.1, abs=0.001) for value in found) < 130


def test_regions_that_answer_together_sound_together(tmp_path: Path) -> None:
    text = "<region> key=36 sample=a.wav <region> key=36 sample=b.wav"
    kick = played(sfz(tmp_path, text, a=0.1, b=0.2), Hit(0.1, "kick", 1.0))["kick"]
    assert peaks(kick, [0.1]) == pytest.approx([0.3], abs=0.002)


def test_groups_choke_what_is_off_by_them(tmp_path: Path) -> None:
    shot(tmp_path, "long.wav", 0.5, 0.8)
    text = """<region> sample=long.wav key=49 group=2 off_by=2 amp_veltrack=0
              <region> sample=long.wav key=46 group=1 off_by=3 amp_veltrack=0
              <region> sample=a.wav key=44 group=3 <region> sample=a.wav key=42 group=4"""
    path = sfz(tmp_path, text, a=0.1)
    tracks = played(
        path,
        Hit(0.0, "crash", 1.0),
        Hit(0.3, "crash", 1.0),
        Hit(0.0, "hihat_open", 1.0),
        Hit(0.2, "hihat_closed", 1.0),
        Hit(0.5, "hihat_pedal", 1.0),
    )
    assert peaks(tracks["crash"], [0.25, 0.4]) == pytest.approx([0.5, 0.5], abs=0.002)
    assert peaks(tracks["hat"], [0.3, 0.6]) == pytest.approx([0.5, 0.0], abs=0.002)


def test_hats_silence_each_other_where_a_kit_says_nothing() -> None:
    silent = chokes([Shot(Path("a"), "hihat_open", Region()), Shot(Path("b"), "kick", Region())])
    assert silent == dict.fromkeys(HATS, HATS)


def test_headers_inherit_and_end_and_what_is_unknown_is_counted(tmp_path: Path) -> None:
    (tmp_path / "more.sfz_part").write_text("<region> sample=$NAME.wav key=38")
    text = """#define $NAME b
        <global> ampeg_release=1 <group> key=36 pan=-100 /* all of
        this */ <region> sample=a.wav ampeg_release=2 <region> sample=a.wav key=42
        <group> <region> sample=a.wav key=51 <region> sample=x.wav key=39
        <region> sample=a.wav <curve> v000=1
        <region> sample=release.wav key=36 trigger=release
        #include "more.sfz_part"
    """
    file = read_sfz(sfz(tmp_path, text, a=0.1, b=0.2))
    assert [s.articulation for s in file.shots] == ["kick", "hihat_closed", "ride", "snare"]
    assert file.shots[-1].path.name == "b.wav"
    assert file.ignored == {
        "ampeg_release": 2,
        "key 39": 1,
        "key 60": 1,  # no key is inherited from the group before
        "<curve>": 1,
        "v000": 1,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<region> sample=no.wav key=36", "the recording 'no.wav' is missing"),
        ("<region> sample=a.wav key=x", "a key must be a number or a note, got 'x'"),
        ("<region> sample=a.wav key=36 volume=loud", "volume must be a number, got 'loud'"),
        ("<region> sample=a.wav key=39", "no region sounds on a note of a kick"),
        ('#include "kit.sfz"', "files are included more than 8 deep"),
        ('#include "gone.sfz"', r"gone\.sfz: the kit cannot be read"),
    ],
)
def test_faults_of_an_sfz_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_sfz(sfz(tmp_path, text, a=0.1))


HYDROGEN = """<?xml version="1.0"?>
<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>small</name><instrumentList>
  <instrument><name>Kick</name><volume>0.5</volume>
    <instrumentComponent>
      <layer><filename>a.wav</filename><min>0</min><max>0.5</max><gain>1</gain></layer>
      <layer><filename>b.wav</filename><min>0.5</min><max>1</max><gain>1</gain></layer>
      <layer><filename>c.wav</filename><min>0.5</min><max>1</max><gain>2</gain></layer>
    </instrumentComponent></instrument>
  <instrument><name>Open HH</name><muteGroup>1</muteGroup>
    <layer><filename>long.wav</filename></layer></instrument>
  <instrument><name>Closed HH</name><muteGroup>1</muteGroup>
    <layer><filename>a.wav</filename></layer></instrument>
  <instrument><name>Drum 7</name><midiOutNote>38</midiOutNote>
    <filename>b.wav</filename></instrument>
  <instrument><name>Hand Clap</name><layer><filename>a.wav</filename></layer></instrument>
</instrumentList></drumkit_info>"""


@pytest.fixture
def hydrogen(tmp_path: Path) -> Path:
    for name, value in (("a", 0.1), ("b", 0.2), ("c", 0.3)):
        shot(tmp_path, f"{name}.wav", value)
    shot(tmp_path, "long.wav", 0.5, 0.8)
    (tmp_path / "drumkit.xml").write_text(HYDROGEN)
    return tmp_path / "drumkit.xml"


def test_hydrogen_kits_are_read(hydrogen: Path) -> None:
    file = read_hydrogen(hydrogen)
    assert [s.articulation for s in file.shots] == [
        *["kick"] * 3,
        "hihat_open",
        "hihat_closed",
        "snare",
    ]
    assert file.ignored == {"Hand Clap": 1}
    times = [0.1, 0.3, 0.5, 0.7]
    hits = [Hit(t, "kick", v) for t, v in zip(times, (0.4, 1.0, 1.0, 1.0), strict=True)]
    kick = peaks(played(hydrogen, *hits)["kick"], times)
    assert kick[0] == pytest.approx(0.5 * 0.16 * 0.1, abs=0.002)
    assert sorted(kick[1:3]) == pytest.approx([0.1, 0.3], abs=0.002)  # halves of .2, and of .3 x 2
    assert kick[3] == kick[1]
    hat = played(hydrogen, Hit(0.0, "hihat_open", 1.0), Hit(0.3, "hihat_closed", 1.0))["hat"]
    assert peaks(hat, [0.2, 0.5]) == pytest.approx([0.5, 0.0], abs=0.002)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Kick Long", "kick"),
        ("Bass Drum", "kick"),
        ("Side Stick", "sidestick"),
        ("Snare_Rock", "snare"),
        ("Hat Pedal", "hihat_pedal"),
        ("Pedal HH", "hihat_pedal"),
        ("Semi-Open HH", "hihat_half"),
        ("Hihat open", "hihat_open"),
        ("HH closed", "hihat_closed"),
        ("Tom Low", "tom_low"),
        ("Floor Tom", "tom_low"),
        ("Tom 2", "tom_mid"),
        ("Tom Hi", "tom_high"),
        ("Ride Bell", "ride_bell"),
        ("Ride Rock", "ride"),
        ("Splash", "splash"),
        ("Crash Jazz", "crash"),
        ("Cowbell", ""),
        ("Tambourine", ""),
        ("Thing", ""),
    ],
)
def test_instruments_are_known_by_name(name: str, what: str) -> None:
    assert articulation_of(name) == what
    assert not what or what in ARTICULATIONS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not xml", "this is no Hydrogen drum kit"),
        ("<a/>", "no instrument is a kick, snare, hat, tom or cymbal"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "with entity declarations is not read"),
        (HYDROGEN.replace("a.wav", "z.wav"), "the recording 'z.wav' is missing"),
        (HYDROGEN.replace("0.5</max>", "half</max>"), "max must be a number, got 'half'"),
    ],
)
def test_faults_of_a_hydrogen_kit_are_named(hydrogen: Path, text: str, message: str) -> None:
    hydrogen.write_text(text)
    with pytest.raises(FormatError, match=rf"drumkit\.xml: .*{message}"):
        read_hydrogen(hydrogen)


def test_a_kit_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"drumkit\.xml: the kit cannot be read"):
        read_hydrogen(tmp_path / "drumkit.xml")
    with pytest.raises(FormatError, match="a pool of sampled kits needs at least one kit"):
        SampledKits({})


def test_folders_with_kits_are_pools(hydrogen: Path) -> None:
    dry = folder_pool(hydrogen.parent, "drums").draw(Random(1), 3 * RATE, RATE)
    assert set(dry.tracks) <= {"kick", "snare", "hat"}
    assert dry.provenance["kit"] == hydrogen.parent.name


def test_three_layers_or_more_are_never_struck_twice_alike() -> None:
    arrays = [np.full(10, 0.1 * (i + 1), np.float32) for i in range(3)]
    kit = Kit("test", {"snare": Layers(3, arrays.__getitem__)})
    times = [0.04 * i for i in range(22)]
    for velocity in (0.05, 0.5, 1.0):
        hits = [Hit(t, "snare", velocity) for t in times]
        found = peaks(play(kit, hits, RATE, RATE, Random(0))["snare"], times)
        assert all(a != b for a, b in pairwise(found))


def test_players_are_as_loose_as_asked_and_the_same_from_one_seed() -> None:
    written = [Hit(0.25 * i, "kick", 0.5) for i in range(4_000)]
    spread = []
    for seed in range(30):
        made = humanise(written, Random(seed), 0.005)
        assert made == humanise(written, Random(seed), 0.005)
        late = np.array([hit.time for hit in made]) - np.arange(4_000) * 0.25
        spread.append(np.sqrt(np.mean(late**2)))
        blocks = late.reshape(-1, 8).mean(1)  # two seconds each: drift does not average out
        assert blocks.std() > 1.5 * late.std() / np.sqrt(8)
    assert np.sqrt(np.mean(np.square(spread))) == pytest.approx(0.005, rel=0.3)
    assert all(0.05 <= hit.velocity <= 1 for hit in made)


def test_programmed_grooves_can_be_played_by_somebody() -> None:
    class Grid:
        def draw(self, rng: Random, seconds: float) -> Groove:
            return Groove((Hit(0.0, "kick", 1.0), Hit(0.5, "snare", 1.0)), {"midi": "grid"})

    groove = Humanised(Grid()).draw(Random(0), 1.0)
    assert groove.provenance["midi"] == "grid"
    assert 0.001 <= groove.provenance["loose"] <= 0.008
    assert 0 < abs(groove.hits[1].time - 0.5) < 0.04
