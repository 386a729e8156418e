"""Jobs done several at a time, with their results in order."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock, Semaphore, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 4
"""Jobs under way at once, where there are as many processors; each may hold a whole picture."""

AHEAD = 2
"""Results that may be ready before they are asked for, beside those that the helping threads are at."""


def in_step(jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
    """The results of the jobs in their order; an error comes when its job's turn has come.

    Helping threads and the caller's own take the jobs from the front. Pillow and FFmpeg let other threads run
    while they work; with an executor, whose caller only waits, painting a canvas takes a quarter longer.
    """
    tasks = [_Task(job) for job in jobs]
    helpers = min(MOST, os.cpu_count() or 1, len(tasks)) - 1
    if helpers < 1:
        yield from (task.result() for task in tasks)
        return
    rooms = [Semaphore(helpers + AHEAD) for _ in range(helpers)]
    ended: list[bool] = []
    threads = [Thread(target=_help, args=(tasks, room, ended), daemon=True) for room in rooms]
    try:
        for thread in threads:
            thread.start()
        for number, task in enumerate(tasks):
            # While a helper does what is asked for, something later can be done here.
            for later in tasks[number : number + helpers + AHEAD]:
                if task.is_done():
                    break
                later.do()
            yield task.result()
            for room in rooms:
                room.release()
    finally:
        ended.append(True)
        for room in rooms:
            room.release()
        for thread in threads:
            thread.join()


def _help(tasks: "Sequence[_Task[T]]", room: Semaphore, ended: Sequence[bool]) -> None:
    """Do what nobody has taken, from the front, one step for each release of `room`."""
    for task in tasks:
        room.acquire()
        if ended:
            return
        task.do()


class _Task(Generic[T]):
    """A job that is done once, by whoever comes first."""

    def __init__(self, job: Callable[[], T]) -> None:
        self._job = job
        self._untaken, self._running = Lock(), Lock()
        self._running.acquire()
        self._results: list[T] = []
        self._error: BaseException | None = None

    def do(self) -> None:
        """Do the job unless somebody has taken it."""
        if not self._untaken.acquire(blocking=False):
            return
        try:
            self._results.append(self._job())
        except BaseException as error:
            self._error = error
        finally:
            self._running.release()

    def is_done(self) -> bool:
        return bool(self._results) or self._error is not None

    def result(self) -> T:
        """Wait for the result and forget it."""
        self.do()
        with self._running:
            if self._error is not None:
                raise self._error
            return self._results.pop()
