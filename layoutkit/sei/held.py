"""Messages and rows of a schedule that wait to be written: few bytes for each of them in memory."""

from array import array
from math import isnan, nan
from pathlib import Path
from typing import Self

from layoutkit.sei.contents import Contents
from layoutkit.sei.message import Message
from layoutkit.sei.schedule import Row, exactly

_TYPE_BYTES = 2
"""A payload type is `MAX_PAYLOAD_TYPE` at most."""


class HeldMessages:
    """Messages in the order they were appended, for a `with`; all are appended before the first is read.

    Args:
        folder: where there is room for them.
    """

    def __init__(self, folder: Path) -> None:
        self._contents = Contents(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._contents.close()

    def __len__(self) -> int:
        return len(self._contents)

    def __getitem__(self, number: int) -> Message:
        content = self._contents[number]
        return Message(int.from_bytes(content[:_TYPE_BYTES], "big"), content[_TYPE_BYTES:])

    def append(self, message: Message) -> None:
        self._contents.append(message.payload_type.to_bytes(_TYPE_BYTES, "big") + message.payload)


class HeldRows:
    """Likewise rows of a schedule.

    A time is held as the number of seconds that was written, which is the binary one nearest to it.

    Attributes:
        types: the payload types of all.
    """

    def __init__(self, folder: Path) -> None:
        self.types: set[int] = set()
        self._messages = HeldMessages(folder)
        self._pts_s = array("d")
        self._indices = array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._messages.close()

    def __len__(self) -> int:
        return len(self._messages)

    def __getitem__(self, number: int) -> Row:
        pts_s, index = self._pts_s[number], self._indices[number]
        return Row(
            self._messages[number],
            None if isnan(pts_s) else exactly(pts_s),
            None if index < 0 else index,
        )

    def append(self, row: Row) -> None:
        self.types.add(row.message.payload_type)
        self._messages.append(row.message)
        self._pts_s.append(nan if row.pts_s is None else float(row.pts_s))
        self._indices.append(-1 if row.index is None else row.index)
