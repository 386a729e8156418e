"""The edits of a whole file: few bytes for each of them in memory, however many a long recording takes."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, islice, pairwise
from pathlib import Path
from typing import Self

from layoutkit.sei.contents import Contents
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
        self.offsets = array("Q")
        self.growths = array("q", [0])
        self._contents = Contents(folder)
        is_ordered = True
        try:
            for edit in edits:
                if self.offsets and edit.offset <= self.offsets[-1]:
                    is_ordered = False
                self.offsets.append(edit.offset)
                self.growths.append(self.growths[-1] + edit.growth)
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
        for number, (before, behind) in enumerate(pairwise(self.growths)):
            inserted = self._contents[number]
            yield Edit(self.offsets[number], len(inserted) - (behind - before), inserted)

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
        self.offsets = array("Q", map(offsets.__getitem__, last))
        each = (growths[number + 1] - growths[number] for number in last)
        self.growths = array("q", accumulate(each, initial=0))
