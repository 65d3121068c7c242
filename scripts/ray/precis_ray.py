"""Summaries on Ray Data: a pool of actors, each with a worker.

    python scripts/ray/precis_ray.py IN OUT --actors 2 -- /opt/precis/bin/precis worker

Reads lines of JSON (.jsonl) or Parquet and writes Parquet, a column for each key of an answer, the summary as
JSON. Rows are articles with columns that `precis run --help` names (reading options). A worker that ends early is
started anew and gets its batch again; an article that cannot be summarised is a row with status `skipped` or
`failed`, so that no batch fails because of one.
"""

import argparse
import json
import sys
from pathlib import Path

import ray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from precis_worker import Worker, WorkerFailed, record

COLUMNS = ["id", "status", "reason", "seconds", "summary"]
TRIES = 3


class Summarizer:
    def __init__(self, command):
        self.command = command
        self.worker = Worker(command)

    def __call__(self, batch):
        lines = [record(row) for row in batch.to_dict("records")]
        answers = [json.loads(line) for line in self.answers(lines)]
        for answer in answers:
            if answer["summary"] is not None:
                answer["summary"] = json.dumps(answer["summary"], ensure_ascii=False)
        return {name: [answer[name] for answer in answers] for name in COLUMNS}

    def answers(self, lines):
        for _ in range(TRIES - 1):
            try:
                return list(self.worker.answers(lines))
            except WorkerFailed:
                self.worker = Worker(self.command)
        return list(self.worker.answers(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    help = "workers, each on one core; leave a core for reading and writing, or the job waits for ever"
    parser.add_argument("--actors", type=int, default=1, help=help)
    parser.add_argument("worker", nargs="+", help="command of a worker, after --")
    arguments = parser.parse_args()
    # The actors' processes import the driver of workers as well.
    ray.init(runtime_env={"py_modules": [str(Path(__file__).resolve().parent.parent / "precis_worker.py")]})
    read = ray.data.read_parquet if arguments.input.endswith(".parquet") else ray.data.read_json
    rows = read(arguments.input)
    answers = rows.map_batches(
        Summarizer,
        fn_constructor_args=(arguments.worker,),
        batch_format="pandas",
        batch_size=64,
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=arguments.actors),
    )
    answers.write_parquet(arguments.output)


if __name__ == "__main__":
    main()
