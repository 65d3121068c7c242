"""`precis worker` from Python: lines of JSON in, answers out. Needs the standard library alone."""

import contextlib
import json
import subprocess
import threading


class WorkerFailed(Exception):
    """The worker ended early. A task that raises this should be tried again."""


class Worker:
    """One running worker, which keeps its model for many calls.

    `command` is a list such as `["/opt/precis/bin/precis", "worker"]`. The worker's environment is
    `environment` and nothing else.
    """

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment or {}
        )

    def answers(self, lines, last=False):
        """Yields the answer to each of `lines`, in order, as a line of JSON.

        `lines` is read by another thread, a few records ahead of the answers. `last` says that no
        other call follows, so that the number of lines need not be known beforehand.
        """
        if not last:
            lines = list(lines)
        trouble = []
        written = []
        feeder = threading.Thread(target=self._feed, args=(lines, last, written, trouble), daemon=True)
        feeder.start()
        expected = None if last else len(lines)
        count = 0
        while count != expected:
            line = self.process.stdout.readline()
            if not line:
                break
            count += 1
            yield line.decode().rstrip("\n")
        feeder.join()
        if trouble:
            raise trouble[0]
        code = self._exit_code() if count != len(written) or last else 0
        if code or count != len(written):
            raise WorkerFailed(f"exit code {code} after {count} of {len(written)} answers")

    def _exit_code(self):
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.close()
            return self.process.returncode

    def _feed(self, lines, last, written, trouble):
        stdin = self.process.stdin
        try:
            for line in lines:
                written.append(None)
                stdin.write(line.encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            pass  # Its exit code says why.
        except Exception as error:
            trouble.append(error)
            last = True
        if last:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()

    def close(self):
        """Ends the worker."""
        self.process.kill()
        self.process.wait()


def record(row):
    """The line of JSON for a row, a mapping of names to values."""
    present = {name: value for name, value in row.items() if value is not None and value == value}
    return json.dumps(present, ensure_ascii=False, default=str)
