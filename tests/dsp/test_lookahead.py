"""Recurrences that are computed ahead, against the same ones a sample at a time."""

import numpy as np
import pytest

from graphophone.dsp.lookahead import AHEAD, advance, recurrence

MATRIX = np.array([[0.9, -0.3], [0.3, 0.7]])
SHARES = np.array([0.4, -1.1])


@pytest.mark.parametrize("sizes", [(1,), (3, 1), (7, 2, 30), (8, 8), (40,), (512, 3)], ids=str)
def test_states_are_those_of_a_plain_loop(sizes: tuple[int, ...]) -> None:
    """Piece after piece, of any lengths, in the same scratch rows."""
    draw, table = np.random.default_rng(0), recurrence(*MATRIX.ravel(), *SHARES)
    before = draw.standard_normal(2)
    expected, rows = before.copy(), np.zeros((5, 600))
    for size in sizes:
        rows[0, AHEAD : AHEAD + size] = draw.standard_normal(size)
        advance(rows[0], size, table, before, rows[1:3], rows[3], rows[4])
        for t in range(size):
            actual = rows[3:, AHEAD - 1 + t]
            np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10)
            expected = MATRIX @ expected + SHARES * rows[0, AHEAD + t]
        np.testing.assert_allclose(before, expected, rtol=1e-10, atol=1e-10)
