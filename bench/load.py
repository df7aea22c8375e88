"""`python -m bench.load topics` or `regions`: how long a tagger takes to load, what it holds, and what each
forked worker adds.

Linux only: reads /proc. `own_mb` is what a worker that has tagged articles shares with nobody (private
memory); `files_mb` is what the package carries for it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

WORKERS = 4
_TEXT = (
    "Floods in Georgia cut off Tbilisi on Monday, and officials in Kutaisi, Baku and Yerevan offered help. "
    * 20
)
_DATA = Path(__file__).parents[1] / "services" / "enrich"


def _topics() -> Callable[[], object]:
    from services.enrich.topics.tagger import TopicTagger

    tagger = TopicTagger()
    return lambda: tagger.tag("Floods", _TEXT, "en")


def _regions() -> Callable[[], object]:
    from services.enrich.regions.tagger import RegionTagger

    tagger = RegionTagger()
    return lambda: tagger.tag("Floods", _TEXT, language="en")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tagger", choices=("topics", "regions"))
    name = parser.parse_args().tagger
    before = _memory()["Rss"]
    started, used = time.perf_counter(), time.process_time()
    tag = {"topics": _topics, "regions": _regions}[name]()
    loaded_s, cpu_s = time.perf_counter() - started, time.process_time() - used
    tag()
    figures = {
        "load_s": round(loaded_s, 2),
        "load_cpu_s": round(cpu_s, 2),
        "resident_mb": round(_memory()["Rss"]),
        "before_mb": round(before),
        "files_mb": round(sum(p.stat().st_size for p in (_DATA / name / "data").iterdir()) / 1e6, 1),
    }
    own = []
    for _ in range(WORKERS):
        read, write = os.pipe()
        if not os.fork():
            for _ in range(50):
                tag()
            memory = _memory()
            os.write(write, str(memory["Private_Dirty"] + memory["Private_Clean"]).encode())
            os._exit(0)
        os.wait()
        own.append(float(os.read(read, 100)))
    print(json.dumps(figures | {"workers": WORKERS, "own_mb": [round(mb, 1) for mb in own]}))


def _memory() -> dict[str, float]:
    """This process's memory in MB, by the kernel's names."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}


if __name__ == "__main__":
    main()
