"""Which way the characters of a line run: the bidirectional algorithm of Unicode Standard Annex 9.

For text without embeddings and isolates, which `script.cleaned` takes out; brackets are not paired (rule N0).
"""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

from layoutkit.raster.script import clusters

_NUMBERS = {"EN", "AN"}
_BRACKETS = str.maketrans("()[]{}<>", ")(][}{><")

Item = TypeVar("Item")


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter runs from right to left (rules P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def levels(text: str, base: bool) -> list[int]:
    """The level of each character: even ones run from left to right, odd ones from right to left.

    Args:
        text: one line.
        base: whether the line itself runs from right to left.
    """
    if text.isascii() and not base:
        return [0] * len(text)
    kinds = _without_neutrals(_weak_resolved(text, base), base)
    # Rules I1 and I2; L1 asks nothing more, since spaces at the end go with the line already.
    by_kind = {"L": 2, "R": 1, "EN": 2, "AN": 2} if base else {"L": 0, "R": 1, "EN": 2, "AN": 2}
    return [by_kind[kind] for kind in kinds]


def left_to_right(items: Sequence[Item], level: Callable[[Item], int]) -> list[Item]:
    """The items of a line in the order they are drawn from left to right (rule L2)."""
    ordered = list(items)
    for least in range(max(map(level, items), default=0), 0, -1):
        stretches = groupby(ordered, key=lambda item: level(item) >= least)
        ordered = [
            item
            for turned, stretch in [(turned, list(stretch)) for turned, stretch in stretches]
            for item in (reversed(stretch) if turned else stretch)
        ]
    return ordered


def mirrored(text: str) -> str:
    """Right-to-left text in the order it is drawn from left to right, its brackets turned round (rule L4)."""
    return "".join(cluster.translate(_BRACKETS) for cluster in reversed(clusters(text)))


def _weak_resolved(text: str, base: bool) -> list[str]:
    """The kind of each character after rules W1 to W7: L, R, a number, or what is neutral."""
    kinds: list[str] = []
    strong = edge = "R" if base else "L"
    for character in text:
        kind = unicodedata.bidirectional(character) or "L"
        if kind in {"NSM", "BN"}:
            kind = kinds[-1] if kinds else edge
        elif kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            kind = "AN"
        kinds.append("R" if kind == "AL" else kind)
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and ((kind == "ES" and before == "EN") or (kind == "CS" and before in _NUMBERS)):
            kinds[index] = before
    # Signs of currency and percent beside a number, on either side, belong to it.
    for order in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        for index in order:
            if kinds[index] == "ET" and kinds[index - order.step] == "EN":
                kinds[index] = "EN"
    strong = edge
    for index, kind in enumerate(kinds):
        if kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _without_neutrals(kinds: list[str], base: bool) -> list[str]:
    """What has no direction goes with its neighbours where they agree, else with the line (rules N1, N2)."""
    edge = "R" if base else "L"
    resolved: list[str] = []
    stretches = [(kind, len(list(stretch))) for kind, stretch in groupby(kinds, key=_side)]
    for number, (side, length) in enumerate(stretches):
        if side:
            resolved += kinds[len(resolved) : len(resolved) + length]
            continue
        before = stretches[number - 1][0] if number else edge
        after = stretches[number + 1][0] if number + 1 < len(stretches) else edge
        resolved += [before if before == after else edge] * length
    return resolved


def _side(kind: str) -> str:
    """L or R as neutrals beside it see it, "" for a neutral."""
    if kind in _NUMBERS:
        return "R"
    return kind if kind in {"L", "R"} else ""
