"""Summaries on Spark: a job that pipes lines through `precis worker`, and one for Parquet.

    spark-submit scripts/spark/precis_spark.py pipe IN OUT -- /opt/precis/bin/precis worker
    spark-submit --py-files scripts/precis_worker.py scripts/spark/precis_spark.py parquet IN OUT -- \\
        /opt/precis/bin/precis worker

`pipe` reads lines of JSON and writes the answers of the workers as lines of JSON; `parquet` reads and
writes Parquet, a column for each key of an answer, the summary as JSON. What stands after `--` is the
command of a worker: precis and its model have to be on every node, at the same place. Rows are articles
with a column for the text and, if they have one, for the id (`precis run --help`, reading options).

A partition is a process, so give the job at least as many partitions as cores (--partitions), and Spark
one core a task. A worker that ends early fails its task, which Spark tries again (spark.task.maxFailures);
an article that cannot be summarised is a row with status `skipped` or `failed`.
"""

import argparse
import json
import shlex

from pyspark.sql import SparkSession

COLUMNS = "id string, status string, reason string, seconds double, summary string"


def pipe(spark, arguments):
    lines = spark.sparkContext.textFile(arguments.input)
    if arguments.partitions:
        lines = lines.repartition(arguments.partitions)
    # Without checkCode, the answers that a killed worker did not give would be missed by nobody.
    answers = lines.pipe(shlex.join(arguments.worker), env=dict(arguments.env), checkCode=True)
    answers.saveAsTextFile(arguments.output)


def parquet(spark, arguments):
    rows = spark.read.parquet(arguments.input)
    if arguments.partitions:
        rows = rows.repartition(arguments.partitions)
    command, environment = arguments.worker, dict(arguments.env)

    def summarize(batches):
        # On the executor, which gets precis_worker by --py-files.
        import pandas

        from precis_worker import Worker, record

        worker = Worker(command, environment)
        try:
            lines = (record(row) for batch in batches for row in batch.to_dict("records"))
            for line in worker.answers(lines, last=True):
                answer = json.loads(line)
                if answer["summary"] is not None:
                    answer["summary"] = json.dumps(answer["summary"], ensure_ascii=False)
                yield pandas.DataFrame([answer])
        finally:
            worker.close()

    rows.mapInPandas(summarize, COLUMNS).write.parquet(arguments.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("job", choices=["pipe", "parquet"])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--partitions", type=int, help="number of partitions; default: as Spark reads")
    parser.add_argument(
        "--env",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=lambda pair: pair.split("=", 1),
        help="environment of the workers, which is empty otherwise",
    )
    parser.add_argument("worker", nargs="+", help="command of a worker, after --")
    arguments = parser.parse_args()
    spark = SparkSession.builder.appName("precis").getOrCreate()
    {"pipe": pipe, "parquet": parquet}[arguments.job](spark, arguments)
    spark.stop()


if __name__ == "__main__":
    main()
