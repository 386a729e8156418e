"""Two kinds of work side by side: an item is made by one thread while another looks at the one before.

That is of use where both are numpy's, which lets go of Python's lock; Python itself would take turns.
"""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

_Item = TypeVar("_Item")


def ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items, of which one more than was asked for may be made already.

    Raises:
        Exception: what making an item raises, behind the items before it.
    """
    wanted: SimpleQueue[bool] = SimpleQueue()
    made: SimpleQueue[_Item | Exception | None] = SimpleQueue()

    def make() -> None:
        while wanted.get():
            try:
                made.put(next(items, None))
            except Exception as error:
                made.put(error)

    maker = Thread(target=make, daemon=True)
    maker.start()
    try:
        wanted.put(True)
        while (item := made.get()) is not None:
            if isinstance(item, Exception):
                raise item
            wanted.put(True)
            yield item
    finally:
        wanted.put(False)
        maker.join()
