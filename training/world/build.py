"""Make the desk's map: `python -m training.world.build countries-110m.json`.

The file is TopoJSON of Natural Earth's countries (public domain), as in the npm package world-atlas. What is
written is SVG paths in the Equal Earth projection (Šavrič, Patterson and Jenny, 2018), a country each by its
ISO code, and points for the countries that are too small for the scale.
"""

from __future__ import annotations

import json
import sys
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from services.enrich.regions.countries import load_countries

OUT = Path("services/desk/static/world.json")
WIDTH, HEIGHT = 960.0, 470.0
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_SCALE = 174.0
_LEFT_OUT = {"AQ"}  # no news of nations there, and a fifth of the map
_NAMED = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY"}


def project(lon: float, lat: float) -> tuple[float, float]:
    """Degrees to the map's units."""
    m = sqrt(3) / 2
    p = asin(m * sin(radians(lat)))
    p2 = p * p
    p6 = p2 * p2 * p2
    x = radians(lon) * cos(p) / (m * (_A1 + 3 * _A2 * p2 + p6 * (7 * _A3 + 9 * _A4 * p2)))
    y = p * (_A1 + _A2 * p2 + p6 * (_A3 + _A4 * p2))
    return round(WIDTH / 2 + _SCALE * x, 1), round(HEIGHT / 2 - _SCALE * y + 12, 1)


def main() -> None:
    """Read the file that is named, write the map."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    topology = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    arcs = _decoded(topology)
    by_m49 = {country["m49"]: code for code, country in load_countries().items()}
    paths: dict[str, str] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = by_m49.get(int(shape["id"])) if shape.get("id") else _NAMED.get(shape["properties"]["name"])
        if code and code not in _LEFT_OUT:
            paths[code] = paths.get(code, "") + _path(shape, arcs)
    points = {
        code: project(country["latlon"][1], country["latlon"][0])
        for code, country in load_countries().items()
        if code not in paths and code not in _LEFT_OUT and country.get("latlon")
    }
    world = {
        "width": WIDTH,
        "height": HEIGHT,
        "paths": dict(sorted(paths.items())),
        "points": dict(sorted(points.items())),
    }
    OUT.write_text(json.dumps(world, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(paths)} countries, {len(points)} points, {OUT.stat().st_size:,} bytes")


def _decoded(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Arcs in degrees: TopoJSON keeps them as whole-number steps."""
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    out = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * kx + tx, y * ky + ty))
        out.append(line)
    return out


def _path(shape: dict[str, Any], arcs: list[list[tuple[float, float]]]) -> str:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    out = []
    for ring in (ring for polygon in polygons for ring in polygon):
        line = [p for n in ring for p in (arcs[n] if n >= 0 else arcs[~n][::-1])[:-1]]
        points = [project(lon, lat) for lon, lat in _unwound(line)]
        kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
        if len(kept) > 2:
            (x, y), *rest = kept
            steps, at = [], (x, y)
            for px, py in rest:
                steps.append(f"{px - at[0]:.1f},{py - at[1]:.1f}".replace(".0", "").replace("-0,", "0,"))
                at = (px, py)
            out.append(f"M{x:g},{y:g}l{' '.join(steps)}z")
    return "".join(out)


def _unwound(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring across the date line in one piece: its longitudes go on beyond 180 degrees instead of
    jumping."""
    out = [line[0]]
    for lon, lat in line[1:]:
        turns = round((out[-1][0] - lon) / 360)
        out.append((lon + 360 * turns, lat))
    middle = (min(lon for lon, _ in out) + max(lon for lon, _ in out)) / 2
    return [(lon + 360 * (middle < -180) - 360 * (middle > 180), lat) for lon, lat in out]


if __name__ == "__main__":
    main()
