#!/usr/bin/env python3
"""What a language model writes, and what it costs, beside the extractive summaries.

    cargo build --release
    scripts/try_writer.py MODEL.gguf FOLDER [--every 30] [--at-most 20] [--out DIR]

Takes every 30th text file of FOLDER. Prints how many answers were of the form that was asked for, how
many statements the French says, seconds and memory for each article, and writes DIR/read.md with both
summaries of each article one below the other, to be read.
"""

import argparse
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

PRECIS = Path(__file__).resolve().parent.parent / "target/release/precis"
PARTS = ["headline", "abstract", "key_points"]


def run(out, articles, writer):
    shutil.rmtree(out, ignore_errors=True)
    command = [PRECIS, "run", articles, "--out", out, "--cache", out.parent / "cache.sqlite", "--workers", "1"]
    subprocess.run([*command, "--writer", writer, "--no-progress", "--skipped-ok"], check=True)
    report = json.loads((out / "run/run.json").read_text())
    paths = [out / f"{article.stem}.json" for article in sorted(articles.glob("*.txt"))]
    return report, {path.stem: json.loads(path.read_text()) for path in paths if path.exists()}


def page(summary):
    points = "\n".join(
        f"- {point['text']} {[sentence + 1 for sentence in point['evidence']]}" for point in summary["key_points"]
    )
    replaced = "\n".join(
        f"- ({it['part']}) {it['text']} -- {', '.join(it['unsupported']) or 'said before'}"
        for it in summary["checks"]["replaced"]
    )
    abstract = summary["abstract"]
    head = f"**{summary['headline']}**\n\n{abstract['text']} ({abstract['method']})"
    return f"{head}\n\n{points}\n\nLeft out:\n{replaced}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=30)
    parser.add_argument("--at-most", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("out-writer"))
    arguments = parser.parse_args()
    articles = arguments.out / "articles"
    shutil.rmtree(arguments.out, ignore_errors=True)
    articles.mkdir(parents=True)
    for path in sorted(arguments.folder.glob("*.txt"))[:: arguments.every][: arguments.at_most]:
        shutil.copy(path, articles)

    before, extracted = run(arguments.out / "extractive", articles, "extractive")
    # Translations are cached now, so that this is the time of writing.
    after, written = run(arguments.out / "written", articles, arguments.model.resolve())

    count = len(written)
    unwritten = Counter(summary["checks"].get("unwritten") for summary in written.values())
    left_out, kept = Counter(), Counter()
    for name, summary in written.items():
        if summary["checks"].get("unwritten"):
            continue
        known = [it["text"] for it in extracted[name]["checks"]["replaced"]]
        left_out.update(it["part"] for it in summary["checks"]["replaced"] if it["text"] not in known)
        texts = {sentence["text"] for sentence in summary["translation"]["sentences"]}
        kept["key_points"] += sum(point["text"] not in texts for point in summary["key_points"])
        kept["headline"] += summary["headline"] != extracted[name]["headline"]
        kept["abstract"] += summary["abstract"]["method"] != "extractive"
    print(f"{count} articles, {sum(1 for reason in unwritten.elements() if reason is None)} answers of the right form")
    print("others:", {reason: n for reason, n in unwritten.items() if reason} or "none")
    for part in PARTS:
        print(f"{part}: {kept[part]} with own words in the summary, {left_out[part]} left out")
    print(f"{after['seconds'] / count:.1f} s for each article ({before['seconds'] / count:.1f} s to translate it)")
    memory = [report["peak_memory_bytes"] / 2**20 for report in (after, before)]
    print(f"peak memory {memory[0]:.0f} MB ({memory[1]:.0f} MB without)")
    with (arguments.out / "read.md").open("w") as read:
        for name in written:
            read.write(f"# {name}\n\n## Extractive\n{page(extracted[name])}\n## Written\n{page(written[name])}\n\n")


if __name__ == "__main__":
    main()
