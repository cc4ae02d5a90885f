"""What was measured, by name."""

import statistics
from collections import defaultdict


class Figures:
    """Values of the rounds; each figure is their median."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        self.values[name].append(value)

    def __getitem__(self, name: str) -> float:
        return statistics.median(self.values[name])

