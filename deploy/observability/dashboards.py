"""Make Grafana's dashboards from the short tables below: `python deploy/observability/dashboards.py`.

The JSON files beside it are what Grafana reads; a test holds them equal to what this makes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "grafana" / "dashboards"

# title, kind, unit, {legend: expression}
PIPELINE = (
    ("Articles stored", "stat", "short", {"": "dateline_articles"}),
    ("URLs waiting", "stat", "short", {"": 'sum(dateline_urls{state=~"pending|in_flight"})'}),
    ("Oldest due", "stat", "s", {"": 'dateline_urls_oldest_seconds{which="due"}'}),
    ("Dead letters", "stat", "short", {"": "dateline_dead_letters"}),
    ("Attempts that ended, a second", "timeseries", "ops",
    {"{{outcome}}": "sum by (outcome) (rate(dateline_attempts_total[5m]))"}),
    ("Failures by reason, an hour", "timeseries", "short",
    {"{{reason}}": 'topk(10, sum by (reason) (increase(dateline_attempts_total{outcome=~"failed|'
        'retry"}[1h])))'}),
    ("Messages in queues", "timeseries", "short",
    {"{{queue}}": "dateline_queue_messages", "{{queue}} taken": "dateline_queue_unacknowledged"}),
    ("Age of the oldest message", "timeseries", "s", {"{{queue}}": "dateline_queue_oldest_seconds"}),
    ("URLs by state", "timeseries", "short", {"{{state}}": "dateline_urls"}),
    ("Workers that move", "timeseries", "short",
    {"{{service}}": "sum by (service) (dateline_worker_healthy)"}),
    ("Redis memory", "timeseries", "bytes",
    {"used": "dateline_redis_memory_bytes", "limit": "dateline_redis_memory_limit_bytes"}),
    ("Database and disk", "timeseries", "bytes",
    {"database": "dateline_database_bytes", "free, {{service}}": "dateline_disk_free_bytes"}),
)  # fmt: skip
SOURCES = (
    ("Articles in a day", "stat", "short", {"": "delta(dateline_articles[1d])"}),
    ("Same weekday, usually", "stat", "short", {"": "dateline:articles_a_day:same_weekday"}),
    ("Silent sources", "stat", "short", {"": "count(dateline_source_still_seconds > "
        "dateline_source_habit_seconds) or vector(0)"}),
    ("Broken sources", "stat", "short", {"": "count(dateline_source_errors >= 5) or vector(0)"}),
    ("Still, against habit (1: as long as is usual)", "timeseries", "percentunit",
    {"{{source}}": "topk(15, dateline_source_still_seconds / dateline_source_habit_seconds)"}),
    ("Polls failed in a row", "timeseries", "short", {"{{source}}": "topk(15, dateline_source_errors)"}),
    ("Articles stored, a day", "timeseries", "short",
    {"this": "delta(dateline_articles[1d])", "a week before": "delta(dateline_articles[1d] offset 7d)"}),
)  # fmt: skip
DESK = (
    ("Requests a second", "timeseries", "reqps", {"{{route}}": "sum by (route) "
        "(rate(dateline_desk_requests_total[5m]))"}),
    ("Answers by status, a second", "timeseries", "reqps",
    {"{{status}}": "sum by (status) (rate(dateline_desk_requests_total[5m]))"}),
    ("Median time", "timeseries", "s", {"{{route}}": "histogram_quantile(0.5, sum by (route, le) "
        "(rate(dateline_desk_request_seconds_bucket[5m])))"}),
    ("95th percentile of time", "timeseries", "s", {"{{route}}": "histogram_quantile(0.95, sum by (route, "
        "le) (rate(dateline_desk_request_seconds_bucket[5m])))"}),
)  # fmt: skip
DASHBOARDS = {
    "pipeline": ("Dateline: pipeline", PIPELINE),
    "sources": ("Dateline: sources", SOURCES),
    "desk": ("Dateline: desk", DESK),
}


def dashboard(name: str) -> dict[str, Any]:
    """One dashboard as Grafana reads it."""
    title, rows = DASHBOARDS[name]
    panels, x, y = [], 0, 0
    for number, (heading, kind, unit, targets) in enumerate(rows, 1):
        width, height = (6, 4) if kind == "stat" else (12, 8)
        if x + width > 24:
            x, y = 0, y + panels[-1]["gridPos"]["h"]
        if panels and kind != panels[-1]["type"] and x:
            x, y = 0, y + panels[-1]["gridPos"]["h"]
        panels.append({
            "id": number, "title": heading, "type": kind,
            "gridPos": {"x": x, "y": y, "w": width, "h": height},
            "datasource": {"type": "prometheus", "uid": "prometheus"},
            "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
            "targets": [{"refId": chr(65 + n), "expr": e, "legendFormat": legend} for n,
            (legend, e) in enumerate(targets.items())],
        })  # fmt: skip
        x += width
    return {
        "uid": f"dateline-{name}", "title": title, "tags": ["dateline"], "timezone": "browser",
        "schemaVersion": 39, "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"}, "panels": panels,
    }  # fmt: skip


def main() -> None:
    """Write all of them."""
    for name in DASHBOARDS:
        (FOLDER / f"{name}.json").write_text(json.dumps(dashboard(name), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
