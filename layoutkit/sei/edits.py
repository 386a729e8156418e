"""The edits of a whole file: few bytes for each of them in memory, however many a long recording takes."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, islice, pairwise
from pathlib import Path
from typing import Self

from layoutkit.sei.contents import Contents
from layoutkit.sei.near import Near
from layoutkit.sei.order import in_order
from layoutkit.sei.placement import Edit


class Edits:
    """Edits in order of their offsets, of which no two are alike, for a `with`.

    Args:
        edits: in any order; of those of one offset the last counts.
        folder: where there is room for what is to be put in; the file there has no name.

    Attributes:
        offsets: where they are.
        growths: by how many bytes those before each make the file longer, and all together as the last.
    """

    def __init__(self, edits: Iterable[Edit], folder: Path) -> None:
        self.offsets = Near()
        self.growths = Near([0])
        self._contents = Contents(folder)
        is_ordered, last, growth = True, -1, 0
        try:
            for edit in edits:
                is_ordered = is_ordered and edit.offset > last
                last = edit.offset
                growth += edit.growth
                self.offsets.append(last)
                self.growths.append(growth)
                self._contents.append(edit.inserted)
            if not is_ordered:
                self._order()
        except BaseException:
            self._contents.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._contents.close()

    def __len__(self) -> int:
        return len(self.offsets)

    def __iter__(self) -> Iterator[Edit]:
        for number, (offset, (before, behind)) in enumerate(
            zip(self.offsets, pairwise(self.growths), strict=True)
        ):
            inserted = self._contents[number]
            yield Edit(offset, len(inserted) - (behind - before), inserted)

    def _order(self) -> None:
        offsets, growths = self.offsets, self.growths
        order = in_order(offsets)
        following = chain(islice(order, 1, None), [None])
        last = array(
            "I",
            (
                number
                for number, other in zip(order, following, strict=True)
                if other is None or offsets[other] != offsets[number]
            ),
        )
        self._contents.keep(last)
        self.offsets = Near(map(offsets.__getitem__, last))
        each = (growths[number + 1] - growths[number] for number in last)
        self.growths = Near(accumulate(each, initial=0))
