"""The edits of a whole file: few bytes for each of them in memory, however many a long recording takes."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from layoutkit.sei.placement import Edit

_MEMORY_BYTES = 8 << 20
"""Bytes to put in that are held in memory; where there are more, they wait in a file."""


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
        self._contents = SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115
        self._starts = array("Q", [0])
        self._content_of = array("I")
        self._last: bytes | None = None
        is_ordered = True
        try:
            for edit in edits:
                if self.offsets and edit.offset <= self.offsets[-1]:
                    is_ordered = False
                self._add(edit)
            if not is_ordered:
                self._order()
        except BaseException:
            self._contents.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._contents.close()

    def __len__(self) -> int:
        return len(self.offsets)

    def __iter__(self) -> Iterator[Edit]:
        held, inserted = -1, b""
        for offset, number, (before, behind) in zip(
            self.offsets, self._content_of, pairwise(self.growths), strict=True
        ):
            if number != held:
                start, end = self._starts[number : number + 2]
                self._contents.seek(start)
                held, inserted = number, self._contents.read(end - start)
            yield Edit(offset, len(inserted) - (behind - before), inserted)

    def _add(self, edit: Edit) -> None:
        if edit.inserted is not self._last:
            self._last = edit.inserted
            self._contents.write(edit.inserted)
            self._starts.append(self._starts[-1] + len(edit.inserted))
        self.offsets.append(edit.offset)
        self.growths.append(self.growths[-1] + edit.growth)
        self._content_of.append(len(self._starts) - 2)

    def _order(self) -> None:
        growths = [behind - before for before, behind in pairwise(self.growths)]
        last = {self.offsets[number]: number for number in range(len(growths))}
        self.offsets = array("Q", sorted(last))
        numbers = [last[offset] for offset in self.offsets]
        self.growths = array("q", [0])
        for number in numbers:
            self.growths.append(self.growths[-1] + growths[number])
        self._content_of = array("I", (self._content_of[number] for number in numbers))
