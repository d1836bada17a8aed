"""The cheapest way to pair rows with columns."""

import math
from collections.abc import Sequence


def assign(cost: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pair each row with its own column at the least total cost.

    Shortest augmenting paths with potentials: R. Jonker and A. Volgenant, A shortest
    augmenting path algorithm for dense and sparse linear assignment problems (1987).

    Args:
        cost: A matrix; any shape, empty ones included.

    Returns:
        Pairs (row, column), as many as the shorter side has, sorted by row.
    """
    if not cost or not cost[0]:
        return []
    if len(cost) > len(cost[0]):
        flipped = assign(list(zip(*cost, strict=True)))
        return sorted((row, column) for column, row in flipped)

    columns = len(cost[0])
    row_price, column_price = [0.0] * len(cost), [0.0] * columns
    owner: list[int | None] = [None] * columns
    for start in range(len(cost)):
        distance = [math.inf] * columns
        came_from: list[int | None] = [None] * columns
        done: set[int] = set()
        row, reached = start, 0.0
        via: int | None = None
        while True:
            for c in set(range(columns)) - done:
                through = reached + cost[row][c] - row_price[row] - column_price[c]
                if through < distance[c]:
                    distance[c], came_from[c] = through, via
            via = min((c for c in range(columns) if c not in done), key=distance.__getitem__)
            reached = distance[via]
            done.add(via)
            held = owner[via]
            if held is None:
                break
            row = held
        for c in done:
            held = owner[c]
            if held is not None:
                row_price[held] += reached - distance[c]
            column_price[c] -= reached - distance[c]
        row_price[start] += reached
        while via is not None:
            before = came_from[via]
            owner[via] = start if before is None else owner[before]
            via = before
    return sorted((r, c) for c, r in enumerate(owner) if r is not None)
