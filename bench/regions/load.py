"""`python -m bench.regions.load`: how long the regions tagger takes to load, what it holds, and what each forked worker adds.

Linux only: reads /proc. `own_mb` is what a worker that has tagged articles shares with nobody (private memory).
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

WORKERS = 4
_TEXT = "Floods in Georgia cut off Tbilisi on Monday, and officials in Kutaisi, Baku and Yerevan offered help. " * 20


def main() -> None:
    before = _memory()["Rss"]
    started, used = time.perf_counter(), time.process_time()
    from services.enrich.regions.tagger import RegionTagger

    tagger = RegionTagger()
    loaded_s, cpu_s = time.perf_counter() - started, time.process_time() - used
    tagger.tag("Floods", _TEXT, language="en")
    figures = {
        "load_s": round(loaded_s, 2),
        "load_cpu_s": round(cpu_s, 2),
        "resident_mb": round(_memory()["Rss"]),
        "before_mb": round(before),
    }
    own = []
    for _ in range(WORKERS):
        read, write = os.pipe()
        if not os.fork():
            for _ in range(50):
                tagger.tag("Floods", _TEXT, language="en")
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
