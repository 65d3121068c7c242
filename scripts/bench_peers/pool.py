"""A pool of processes that answer line by line, with their time and peak memory."""

import itertools
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Reply = TypeVar("Reply")


def wait_for(process: subprocess.Popen) -> tuple[float, bool]:
    """Waits for a process to end. Returns its peak memory in MiB, and whether it succeeded."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, process.returncode == 0


class Pool(Generic[Item, Reply]):
    """Several processes of one command; each takes the next item when it is free.

    `write` makes a line of an item and `read` a reply of a line, both within the time measured.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        processes: int,
        write: Callable[[Item], str],
        read: Callable[[str], Reply],
    ) -> None:
        self.write, self.read = write, read
        self.processes = [
            subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            for _ in range(processes)
        ]

    def ask(self, process: subprocess.Popen, item: Item) -> Reply:
        process.stdin.write(self.write(item) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{process.args} gave no answer")
        return self.read(line)

    def warm_up(self, item: Item) -> None:
        """Sends `item` to every process, so that all have loaded their model."""
        self._on_each(lambda process: self.ask(process, item))

    def answer(self, items: Sequence[Item]) -> tuple[list[Reply], float]:
        """Returns the replies in the order of the items, and the seconds they took."""
        replies: dict[int, Reply] = {}
        turn = itertools.count()

        def work(process: subprocess.Popen) -> None:
            while (index := next(turn)) < len(items):
                replies[index] = self.ask(process, items[index])

        started = time.monotonic()
        self._on_each(work)
        return [replies[index] for index in range(len(items))], time.monotonic() - started

    def close(self) -> float:
        """Ends the processes. Returns the sum of their peak memory, in MiB."""
        for process in self.processes:
            process.stdin.close()
        memory = 0.0
        for process in self.processes:
            most, ended_well = wait_for(process)
            if not ended_well:
                raise RuntimeError(f"{process.args} ended with {process.returncode}")
            memory += most
            process.stdout.close()
        return memory

    def _on_each(self, work: Callable[[subprocess.Popen], object]) -> None:
        failures: list[Exception] = []

        def guarded(process: subprocess.Popen) -> None:
            try:
                work(process)
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=guarded, args=[process]) for process in self.processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
