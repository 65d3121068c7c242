#!/usr/bin/env python3
"""Soak test: a corpus copied to many articles, some sentences of each changed, through one run and a second one.

usage: soak.py CORPUS WORKDIR [--articles 20000] [--precis target/release/precis] [OPTIONS OF RUN]

CORPUS is a folder of .txt files. Prints the resident memory over the run in twenty parts, what the cache grew to, and
what the second run, which has nothing to do, takes. Linux only (/proc).
"""

import argparse
import json
import re
import subprocess
import time
from pathlib import Path


def write_corpus(source: Path, target: Path, count: int) -> int:
    texts = [path.read_text(encoding="utf-8") for path in sorted(source.glob("*.txt"))]
    target.mkdir(parents=True)
    total = 0
    for number in range(count):
        text = texts[number % len(texts)]
        if number >= len(texts):
            # One sentence is new, and one says another number.
            text = re.sub(r"\d+", str(number), text, count=1)
            text += f"\nLe dossier {number} compte {number * 7} pages, selon la mairie.\n"
        total += len(text.encode())
        (target / f"{number:06}.txt").write_text(text, encoding="utf-8")
    return total


def resident(pid: int) -> int:
    """Returns the resident memory of a process in kB, or 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found.group(1)) if found else 0


def run(precis: str, folder: Path, options: list[str]) -> tuple[float, list[int]]:
    command = [precis, "run", str(folder / "corpus"), "--out", str(folder / "out")]
    command += ["--cache", str(folder / "cache.sqlite"), "--quiet", *options]
    started = time.monotonic()
    process = subprocess.Popen(command)
    curve = []
    while process.poll() is None:
        curve.append(resident(process.pid))
        time.sleep(0.5)
    if process.returncode not in (0, 3):
        raise SystemExit(f"precis ended with {process.returncode}")
    return time.monotonic() - started, [kilobytes for kilobytes in curve if kilobytes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("workdir", type=Path)
    parser.add_argument("--articles", type=int, default=20000)
    parser.add_argument("--precis", default="target/release/precis")
    arguments, options = parser.parse_known_args()
    folder = arguments.workdir
    source_bytes = write_corpus(arguments.corpus, folder / "corpus", arguments.articles)
    seconds, curve = run(arguments.precis, folder, options)
    report = json.loads((folder / "out" / "run" / "run.json").read_text())
    articles, work = report["articles"], report["work"]
    print(f"first run: {seconds:.0f} s, {articles['written']} written, {articles['skipped']} skipped")
    print(f"  {work['translated']} sentences translated, {work['cached']} from the cache")
    parts = [curve[len(curve) * part // 20] for part in range(20)] + [curve[-1]]
    print("  resident MB: " + " ".join(f"{kilobytes / 1024:.0f}" for kilobytes in parts))
    print(f"  peak {report['peak_memory_bytes'] / 2**20:.0f} MB")
    outputs = sum(path.stat().st_size for path in (folder / "out").iterdir() if path.is_file())
    cache = (folder / "cache.sqlite").stat().st_size
    print(f"  {outputs / source_bytes:.1f} bytes of summaries for each byte of source ({outputs / 1e6:.0f} MB)")
    print(f"  cache {cache / 1e6:.1f} MB, {cache / max(work['translated'], 1):.0f} bytes a sentence")
    seconds, curve = run(arguments.precis, folder, options)
    report = json.loads((folder / "out" / "run" / "run.json").read_text())
    print(f"second run: {seconds:.0f} s, {report['articles']['unchanged']} unchanged, peak {max(curve) / 1024:.0f} MB")


if __name__ == "__main__":
    main()
