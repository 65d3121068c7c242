"""Runs the jobs of precis_spark.py on a real Spark and compares them with `precis run`.

    python scripts/spark/check.py target/release/precis [MASTER]

Needs Java (8, 11 or 17) and, in the Python that runs it, pyspark 3.5, pandas and pyarrow. 200 articles, with
poisoned ones among them; a worker is killed in the middle of its partition, and Spark has to try again.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet
import pyspark

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ARTICLES = 200
# Lines that are no articles, by their place.
POISON = {
    17: "no JSON",
    71: '{"id": "empty", "text": ""}',
    123: json.dumps({"id": "english", "text": "The mayor of Lyon said that three schools will close. " * 5}),
}
SCHEMA = pyarrow.schema([(name, pyarrow.string()) for name in ("id", "title", "text")])
# Gives two answers and is killed, but only the first time that any of them is started.
KILLED_ONCE = """#!{python}
import os, signal, subprocess, sys
try:
    os.mkdir({mark!r})
except FileExistsError:
    os.execv({precis!r}, [{precis!r}] + sys.argv[1:])
worker = subprocess.Popen([{precis!r}] + sys.argv[1:], stdout=subprocess.PIPE)
for _ in range(2):
    sys.stdout.buffer.write(worker.stdout.readline())
sys.stdout.flush()
worker.kill()
sys.exit(128 + signal.SIGKILL if worker.wait() == -signal.SIGKILL else 99)
"""


def article(n):
    text = (
        f"Le {n % 28 + 1} mars 2021, une crue a touché {n} communes de la vallée de la Loire. "
        f"Environ {n + 1200} habitants ont été évacués par les pompiers du secteur {n}."
    )
    return json.dumps({"id": f"a{n}", "title": f"La Loire déborde, jour {n}", "text": text}, ensure_ascii=False)


def summaries_of_run(precis, folder, lines, options):
    """What one run with the options of the workers makes of the lines, by id."""
    articles = folder / "articles.jsonl"
    articles.write_text("\n".join(lines) + "\n")
    out = folder / "out"
    run = [precis, "run", articles, "--field-path", "id", "--out", out, "--no-cache", *options]
    run += ["--quiet", "--skipped-ok"]
    subprocess.run(run, check=True, cwd=ROOT)
    read = [json.loads(path.read_text()) for path in out.glob("a*.json")]
    return articles, {summary["id"]: summary for summary in read}


def submit(master, job, source, target, worker):
    submit = [Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master", master]
    submit += ["--conf", "spark.ui.enabled=false", "--conf", "spark.driver.host=localhost"]
    submit += ["--py-files", HERE.parent / "precis_worker.py", HERE / "precis_spark.py"]
    submit += [job, source, target, "--partitions", "4", "--", *worker]
    environment = dict(os.environ, PYSPARK_PYTHON=sys.executable, SPARK_HOME=str(Path(pyspark.__file__).parent))
    done = subprocess.run(
        [str(part) for part in submit], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"spark-submit failed:\n{done.stderr[-4000:]}")
    return done.stderr


def compare(name, answers, expected, failure):
    """Asserts that the answers are the summaries of a run, and say what is wrong with the rest."""
    statuses = {"ok": [], "skipped": [], "failed": []}
    for answer in answers:
        statuses[answer["status"]].append(answer)
    assert len(answers) == ARTICLES, f"{name}: {len(answers)} answers"
    found = {answer["id"]: answer["summary"] for answer in statuses["ok"]}
    assert len(found) == len(statuses["ok"]), f"{name}: an article came twice"
    assert found.keys() == expected.keys(), f"{name}: {found.keys() ^ expected.keys()}"
    differ = [name for name in found if json.dumps(found[name]) != json.dumps(expected[name])]
    assert not differ, f"{name}: {differ} differ from a run"
    code = lambda answer: answer["reason"].split(":")[0]  # noqa: E731
    assert sorted(map(code, statuses["skipped"])) == ["empty", "not_french"], statuses["skipped"]
    assert list(map(code, statuses["failed"])) == [failure], statuses["failed"]


def main():
    precis = str(Path(sys.argv[1]).resolve())
    master = sys.argv[2] if len(sys.argv) > 2 else "local[2,4]"
    lines = [POISON.get(n) or article(n) for n in range(ARTICLES)]
    options = ["--beam", "1", "--model", str(ROOT / "models/fr-en-tiny")]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        articles, expected = summaries_of_run(precis, folder, lines, options)
        assert len(expected) == ARTICLES - len(POISON), len(expected)

        clock = time.monotonic()
        mark, killed_once = folder / "killed", folder / "killed_once"
        killed_once.write_text(KILLED_ONCE.format(python=sys.executable, mark=str(mark), precis=precis))
        killed_once.chmod(0o755)
        target = folder / "piped"
        log = submit(master, "pipe", articles, target, [killed_once, "worker", *options])
        assert mark.exists(), "no worker was killed"
        assert "exited with error code 137" in log, "Spark did not notice the killed worker"
        answers = [json.loads(line) for part in target.glob("part-*") for line in part.read_text().splitlines()]
        compare("pipe", answers, expected, "bad_row")
        print(f"pipe: as one run, with a killed worker, in {time.monotonic() - clock:.0f} s")

        clock = time.monotonic()
        # Columns have one type: what is no JSON as a line is a row without a text here.
        rows = [json.loads(line) if line.startswith("{") else {} for line in lines]
        source, target = folder / "articles.parquet", folder / "summaries.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, SCHEMA), source)
        mark.rmdir()
        log = submit(master, "parquet", source, target, [killed_once, "worker", *options])
        assert mark.exists(), "no worker was killed"
        assert "exit code 137 after 2 of" in log, "Spark did not notice the killed worker"
        answers = pyarrow.parquet.read_table(target).to_pylist()
        for answer in answers:
            answer["summary"] = json.loads(answer["summary"] or "null")
        compare("parquet", answers, expected, "missing_field")
        print(f"parquet: as one run, with a killed worker, in {time.monotonic() - clock:.0f} s")


if __name__ == "__main__":
    main()
