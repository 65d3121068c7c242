#!/usr/bin/env python3
"""Runs train.py until it is finished, whatever happens: a crash or a silence of a minute starts it anew from its last
checkpoint, each time in a plainer way.

usage: supervise.py RUN OPTIONS OF TRAIN.PY...
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

DIVERGED = 3
LEVELS = 4
ATTEMPTS = 12
# Seconds without a sign of life: after a step, and before the first.
SILENT = float(os.environ.get("SILENT", "45"))
SILENT_START = float(os.environ.get("SILENT_START", "75"))


class Supervisor:
    def __init__(self, run: Path, options: list[str]):
        self.run_folder, self.options = run, options
        run.mkdir(parents=True, exist_ok=True)
        self.log = (run / "supervise.log").open("a")
        self.last = (0.0, "none")

    def say(self, *words) -> None:
        print(time.strftime("%H:%M:%S"), *words, file=self.log, flush=True)
        print("supervise:", *words, flush=True)

    def beat(self) -> tuple[float, str]:
        """When train.py last did something, and what."""
        try:
            at, what = (self.run_folder / "beat").read_text().split()
            self.last = float(at), what
        except (OSError, ValueError):
            pass  # it is being replaced
        return self.last

    def run(self) -> None:
        level, scale = 0, 1.0
        for attempt in range(ATTEMPTS):
            if (self.run_folder / "finished").exists():
                break
            command = [sys.executable, "-u", "train.py", *self.options, "--run", str(self.run_folder)]
            command += ["--level", str(level), "--rate-scale", str(scale)]
            self.say("attempt", attempt, *command)
            began = time.time()
            code = self.attempt(command, began)
            self.say("ended with", code, f"after {time.time() - began:.0f} s")
            if code == 0:
                break
            if code == DIVERGED:
                scale *= 0.5
            elif time.time() - began < 120 or code == -signal.SIGKILL:
                level = min(level + 1, LEVELS - 1)
            time.sleep(1)
        self.say("over")

    def attempt(self, command: list[str], began: float) -> int:
        process = subprocess.Popen(command, start_new_session=True)
        (self.run_folder / "pid").write_text(str(process.pid))
        while True:
            time.sleep(0.5)
            code = process.poll()
            if code is not None:
                return code
            at, what = self.beat()
            quiet = time.time() - max(at, began)
            steady = at > began and what in ("step", "judged", "end")
            if quiet > (SILENT if steady else SILENT_START):
                self.say(f"silent for {quiet:.0f} s after '{what}': ended")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return -signal.SIGKILL


if __name__ == "__main__":
    Supervisor(Path(sys.argv[1]), sys.argv[2:]).run()
