"""Medians, ratios and the one table."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Target:
    """What the ratio ours / theirs has to reach; of times it is the most that is allowed."""

    ratio: float
    at_most: bool = False

    def met(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.ratio:g}"


@dataclass
class Row:
    """One work of ours beside the same of one peer, a value a round."""

    work: str
    unit: str
    peer: str
    target: Target | None = None
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        ours = median(self.ours) if self.ours else None
        theirs = median(self.theirs) if self.theirs else None
        ratio = ours / theirs if ours is not None and theirs else None
        verdict = "" if self.target is None else "not measured"
        if self.target is not None and ratio is not None:
            verdict = "met" if self.target.met(ratio) else "NOT MET"
        return [
            self.work, self.unit, number(ours), self.peer, number(theirs),
            "–" if ratio is None else f"{ratio:.2f}", str(self.target or "–"), verdict,
        ]


HEADINGS = ["Work", "Unit", "Millrace", "Peer", "Peer's", "Ratio", "Target", ""]
RIGHT = {2, 4, 5}


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}".replace(",", " ") if value >= 100 else f"{value:.1f}"


def render(rows: list[Row]) -> str:
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]

    def line(cells: list[str]) -> str:
        padded = (c.rjust(w) if i in RIGHT else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths)))
        return "  ".join(padded).rstrip()

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([line(lines[0]), rule, *(line(cells) for cells in lines[1:])])
