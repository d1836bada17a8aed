"""The page of a fit."""

import re
from dataclasses import replace

import pytest
import torch

from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from graphophone.report.fit_page import HEIGHT, ROWS, WIDTH, FitPage, curve, html


def test_a_curve_runs_through_all_its_values_and_stays_on_its_sheet() -> None:
    values = [3.0, 2.0, 2.0, 0.5]
    points = re.search(r'points="([^"]*)"', curve(values))
    assert points is not None
    pairs = [tuple(map(float, pair.split(","))) for pair in points[1].split()]
    assert len(pairs) == len(values)
    x, y = zip(*pairs, strict=True)
    assert list(x) == sorted(x)
    assert list(y) == sorted(y)  # down the sheet, as the loss falls
    assert y[1] == y[2]
    assert (y[3] - y[0]) / (y[1] - y[0]) == pytest.approx(2.5)
    assert min(x) >= 0
    assert max(x) <= WIDTH
    assert max(y) <= HEIGHT
    assert "3 steps" in curve(values)
    assert curve([1.0]) == ""


def test_a_doubt_is_the_headline_with_its_evidence() -> None:
    builder = GraphBuilder(SPECS)
    builder.chain(builder.add("in", source="voice"), builder.add("out"))
    losses = {name: dict.fromkeys((key for key, _, _ in ROWS), 1.0) for name in
              ("bypass", "before", "after")}  # fmt: skip
    noise = 0.1 * torch.randn(2, 22_050, generator=torch.Generator().manual_seed(1))
    page = FitPage("w", builder.graph(), losses, [1.0], {"Wet": noise}, 44_100, 1.0)
    assert "<h1>No processing found.</h1>" in html(page)
    doubted = html(replace(page, doubt="dry and wet share 3 % & chance gives 4 %"))
    assert "<h1>Dry and wet do not seem to be one performance.</h1>" in doubted
    assert "Dry and wet share 3 % &amp; chance gives 4 %." in doubted
    assert "as it was sung or played" not in doubted


def test_the_page_shows_every_figure_and_escapes_what_was_given() -> None:
    builder = GraphBuilder(SPECS)
    builder.chain(builder.add("in", source="voice"), builder.add("bell"), builder.add("out"))
    losses = {
        name: {key: 10 * i + k for k, (key, _, _) in enumerate(ROWS)}
        for i, name in enumerate(("bypass", "before", "after"))
    }
    noise = 0.1 * torch.randn(2, 22_050, generator=torch.Generator().manual_seed(1))
    page = html(
        FitPage(
            title="<wet>.wav",
            graph=builder.graph(),
            losses={**losses, "bypass": {**losses["bypass"], "loudness_lu": None}},
            curve=[1.0, 0.5],
            sounds={"Wet": noise, "Fitted": noise, "Residual": torch.zeros(2, 22_050)},
            rate=44_100,
            seconds=12.0,
            notes=("a <b>note</b>",),
        )
    )
    assert "<wet>" not in page
    assert "&lt;wet&gt;.wav" in page
    assert "a &lt;b&gt;note" in page
    for i in (1, 2):
        for k, (_, _, form) in enumerate(ROWS):
            assert form.format(10 * i + k) in page
    assert "–</td>" in page  # a loudness that there is none of
    assert page.count("data:audio") == 2  # a residual of nothing is not played
