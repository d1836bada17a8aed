"""Mixes: tables that anyone can change, whose weights are honoured."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from scipy.stats import chisquare

from graphophone.errors import FormatError, UsageError
from graphophone.generation.mix import MIXES, Mix, name_and_text, parse_mix, read_mix
from graphophone.generation.prototype import draw_size, drums_prototype, singing_prototype

LEAST_P = 1e-3
"""A right sampler fails a test of this level for one seed in a thousand; seeds here are fixed."""


def fits(counts: Counter[str], weights: dict[str, float]) -> bool:
    """Whether counts are as likely as weights say (Pearson's chi-square test)."""
    total, whole = counts.total(), sum(weights.values())
    assert counts.keys() <= weights.keys()
    expected = [total * weight / whole for weight in weights.values()]
    return bool(chisquare([counts[name] for name in weights], expected).pvalue > LEAST_P)


def mine(text: str) -> Mix:
    return parse_mix(text, "mine")


@pytest.fixture
def unsorted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorting LTI parts takes most of the time and changes no draw."""
    monkeypatch.setattr("graphophone.generation.prototype.reorder_lti", lambda graph, specs: graph)


@pytest.mark.usefixtures("unsorted")
@pytest.mark.parametrize("name", MIXES)
def test_a_voice_begins_with_a_motif_as_often_as_its_weight_says(name: str) -> None:
    """The first motif of a stack is drawn from all; later ones are not the same twice running."""
    mix = read_mix(name)
    counts = Counter(
        singing_prototype(Random(f"weights {seed}"), mix, 1 if name == "single" else 6).motifs[0]
        for seed in range(1_000)
    )
    assert fits(counts, mix.voice.choices)


@pytest.mark.usefixtures("unsorted")
def test_a_changed_weight_changes_what_is_drawn() -> None:
    mix = mine('like = "paper"\n[voice.motifs]\necho = 20.0\nspace = 0')
    first = Counter(singing_prototype(Random(seed), mix, 6).motifs[0] for seed in range(1_000))
    assert fits(first, mix.voice.choices)
    assert not fits(first, read_mix("paper").voice.choices | {})
    assert first["space"] == 0


@pytest.mark.parametrize("name", MIXES)
@pytest.mark.parametrize("place", ["track", "bus"])
def test_sizes_of_drum_stacks_have_their_weights(name: str, place: str) -> None:
    stack = getattr(read_mix(name), place)
    rng = Random(0)
    counts = Counter(str(stack.draw(rng).size) for _ in range(4_000))
    assert fits(counts, {str(s.processors[0]): s.weight for s in stack.sizes})


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        (
            "wide",
            {0: 0.05} | {n: 0.25 / 5 for n in range(1, 6)} | {n: 0.7 / 13 for n in range(6, 19)},
        ),
        ("short", {0: 0.1} | {n: 0.9 / 5 for n in range(1, 6)}),
        ("single", {0: 0.15, 1: 0.6, 2: 0.25}),
    ],
)
def test_sizes_of_voices_have_their_weights(name: str, weights: dict[int, float]) -> None:
    rng = Random(1)
    counts = Counter(str(draw_size(rng, name).size) for _ in range(8_000))
    assert fits(counts, {str(size): weight for size, weight in weights.items()})


def test_sizes_of_the_paper_are_normal_and_cut() -> None:
    rng = Random(2)
    sizes = [draw_size(rng, "paper").size for _ in range(4_000)]
    assert (min(sizes), max(sizes)) == (4, 22)
    assert sum(sizes) / 4_000 == pytest.approx(12, abs=0.2)
    assert sum((size - 12) ** 2 for size in sizes) / 4_000 == pytest.approx(15, abs=1.2)


@pytest.mark.usefixtures("unsorted")
def test_a_share_of_drum_mixes_is_untouched() -> None:
    """By the key itself, or because all sizes drawn were 0."""
    mix = mine('like = "paper"\nuntouched = 0.3\n[bus]\nsizes = [{ processors = 3 }]')
    bare = sum(not drums_prototype(Random(s), mix, ("kick", "hat")).motifs for s in range(1_000))
    assert bare / 1_000 == pytest.approx(0.3, abs=0.045)


@pytest.mark.usefixtures("unsorted")
def test_no_voice_has_more_processors_than_its_size_allows() -> None:
    for seed in range(300):
        rng = Random(seed)
        target = draw_size(rng, "wide")
        graph = singing_prototype(rng, "wide", target).graph
        assert target.most == (5 if target.size <= 5 else 20)
        assert len(graph) - 2 <= target.most


@pytest.mark.usefixtures("unsorted")
def test_motifs_that_are_counted_are_worn_once() -> None:
    mix = mine('like = "single"\n[voice]\nsizes = [{ processors = 4 }]')
    for seed in range(50):
        drawn = singing_prototype(Random(seed), mix, 4).motifs
        assert len(drawn) == len(set(drawn)) == 4


def test_a_hash_covers_what_decides_a_draw_and_not_how_it_is_written() -> None:
    text = 'like = "wide"\n[voice.motifs]\necho = 2\n'
    assert mine(text).digest == mine('# mine\ntitle = "t"\n' + text).digest
    assert mine(text).digest == mine('like="wide"\nvoice.motifs.echo = 2.0').digest
    others = [
        mine(text.replace("2", "3")),
        mine('like = "paper"\n[voice.motifs]\necho = 2'),
        parse_mix(text, "other"),
        read_mix("wide"),
    ]
    assert len({mix.digest for mix in (mine(text), *others)}) == 5


def test_a_file_is_a_mix(tmp_path: Path) -> None:
    path = tmp_path / "echoes.toml"
    path.write_text('like = "short"\n[voice.motifs]\necho = 9.0\n')
    mix = read_mix(str(path))
    assert (mix.name, mix.voice.motifs["echo"]) == ("echoes", 9.0)
    assert mix.track == read_mix("short").track
    assert name_and_text(str(path)) == ("echoes", path.read_text())
    assert name_and_text("wide") == ("wide", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", r"^mix mine is not TOML: .*line 1|^mix mine is not TOML"),
        ('like = "wid"', r"^mix mine: like must be one of paper, .*, got 'wid'$"),
        ('title = "x"', r"^mix mine: voice is missing$"),
        ('like = "wide"\nfoo = 1', r"^mix mine: unknown key 'foo'$"),
        ('like = "wide"\nvoice = 3', r"^mix mine: voice: must be a table, got 3$"),
        ('like = "wide"\n[bus]\nmotifs = 3', r"^mix mine: bus\.motifs: must be a table, got 3$"),
        (
            'like = "wide"\n[voice.motifs]\neco = 3',
            r"^mix mine: voice: unknown motif 'eco' \(there are equaliser, .*\)$",
        ),
        (
            'like = "wide"\n[bus.motifs]\necho = -1',
            r"^mix mine: bus\.motifs\.echo: .*greater than or equal to 0, got -1$",
        ),
        ('like = "wide"\n[voice]\nsizes = []', r"^mix mine: voice\.sizes: must have at least one"),
        (
            'like = "wide"\n[voice]\nsizes = [{ processors = [3, 1] }]',
            r"^mix mine: voice\.sizes\.0: processors must rise .*, got 3, 1$",
        ),
        (
            'like = "wide"\n[voice]\nsizes = [{ processors = 2, mean = 3 }]',
            r"^mix mine: voice\.sizes\.0: mean and deviation go together",
        ),
        (
            'like = "wide"\n[voice]\nsizes = [{ processors = 5, most = 3 }]',
            r"^mix mine: voice\.sizes\.0: most must be at least 5",
        ),
        (
            'like = "wide"\n[voice]\nsizes = [{ processors = 5, weight = 0 }]',
            r"^mix mine: voice: at least one of the sizes must weigh more than 0$",
        ),
        (
            'like = "single"\n[voice]\nsizes = [{ processors = 30 }]',
            r"^mix mine: voice: sizes ask for more motifs than weigh more than 0$",
        ),
        (
            'like = "wide"\nuntouched = 2',
            r"^mix mine: untouched: .*less than or equal to 1, got 2$",
        ),
    ],
)
def test_what_is_wrong_with_a_mix_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        mine(text)
    assert "\n" not in str(caught.value)


def test_too_few_motifs_cannot_be_drawn_without_repeating_one() -> None:
    silent = "\n".join(f"{name} = 0" for name in read_mix("paper").bus.motifs if name != "echo")
    with pytest.raises(FormatError, match=r"at least three motifs must weigh more than 0, got 1"):
        mine(f'like = "paper"\n[bus.motifs]\n{silent}')


def test_there_is_no_mix_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a mix is paper, .* or a \.toml file, got 'wode'"):
        read_mix("wode")
    with pytest.raises(UsageError, match=r"there is no mix .*absent\.toml"):
        read_mix(str(tmp_path / "absent.toml"))
    (tmp_path / "empty.toml").write_text("\n")
    with pytest.raises(FormatError, match=r"empty\.toml is empty"):
        read_mix(str(tmp_path / "empty.toml"))
    (tmp_path / "noise.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match=r"noise\.toml cannot be read"):
        read_mix(str(tmp_path / "noise.toml"))
