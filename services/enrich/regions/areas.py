"""Continents and areas larger than a country: names, adjectives, and a point for a map.

Identifiers and points of continents are GeoNames'; an area without an identifier has a point about its middle.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """An area of many countries."""

    name: str
    kind: str
    geonameid: int | None
    lat: float
    lon: float
    names: tuple[str, ...]
    adjectives: tuple[str, ...] = ()


AREAS = (
    Area("Africa", "continent", 6255146, 7.1881, 21.0938, ("Africa", "Afrika", "Afrique", "África", "Африка", "أفريقيا", "إفريقيا", "非洲", "アフリカ"), ("African", "Africans")),
    Area("Asia", "continent", 6255147, 29.8406, 89.297, ("Asia", "Asien", "Asie", "Азия", "آسيا", "亚洲", "アジア"), ("Asian", "Asians")),
    Area("Europe", "continent", 6255148, 48.691, 9.1406, ("Europe", "Europa", "Европа", "أوروبا", "欧洲", "ヨーロッパ", "欧州"), ("European", "Europeans")),
    Area("North America", "continent", 6255149, 46.0732, -100.5469, ("North America", "Nordamerika", "Amérique du Nord", "Norteamérica", "北美洲"), ("North American", "North Americans")),
    Area("Oceania", "continent", 6255151, -18.3128, 138.5156, ("Oceania", "Ozeanien", "Océanie", "Oceanía", "大洋洲")),
    Area("South America", "continent", 6255150, -14.6049, -57.6563, ("South America", "Südamerika", "Amérique du Sud", "Sudamérica", "南美洲"), ("South American", "South Americans")),
    Area("Antarctica", "continent", 6255152, -78.1586, 16.4063, ("Antarctica", "Antarktis", "Antarctique", "Antártida", "南极洲"), ("Antarctic",)),
    Area("European Union", "area", None, 50.1, 9.25, ("European Union", "EU", "E.U.", "Europäische Union", "Union européenne", "Unión Europea", "União Europeia", "Евросоюз", "欧盟")),
    Area("Middle East", "area", None, 29.0, 41.0, ("Middle East", "Mideast", "Nahost", "Naher Osten", "Nahen Osten", "Moyen-Orient", "Proche-Orient", "Oriente Medio", "Oriente Médio", "Ближний Восток", "الشرق الأوسط", "中东"), ("Middle Eastern",)),
    Area("Latin America", "area", None, -8.0, -63.0, ("Latin America", "Lateinamerika", "Amérique latine", "América Latina", "Latinoamérica", "拉丁美洲"), ("Latin American", "Latin Americans")),
    Area("Central America", "area", None, 13.0, -86.0, ("Central America", "Mittelamerika", "Zentralamerika", "Amérique centrale", "Centroamérica"), ("Central American", "Central Americans")),
    Area("Caribbean", "area", None, 18.0, -72.0, ("Caribbean", "Karibik", "Caraïbes", "Caribe")),
    Area("North Africa", "area", None, 29.0, 9.0, ("North Africa", "Northern Africa", "Nordafrika", "Afrique du Nord"), ("North African", "North Africans")),
    Area("West Africa", "area", None, 12.0, -3.0, ("West Africa", "Western Africa", "Westafrika", "Afrique de l'Ouest"), ("West African", "West Africans")),
    Area("East Africa", "area", None, 0.0, 38.0, ("East Africa", "Eastern Africa", "Ostafrika", "Afrique de l'Est"), ("East African", "East Africans")),
    Area("Southern Africa", "area", None, -22.0, 24.0, ("Southern Africa",)),
    Area("Sub-Saharan Africa", "area", None, 0.0, 20.0, ("Sub-Saharan Africa", "sub-Saharan Africa")),
    Area("Sahel", "area", None, 15.0, 5.0, ("Sahel", "الساحل")),
    Area("Horn of Africa", "area", None, 8.0, 45.0, ("Horn of Africa",)),
    Area("Southeast Asia", "area", None, 10.0, 106.0, ("Southeast Asia", "South-East Asia", "South East Asia", "Südostasien", "Asie du Sud-Est"), ("Southeast Asian",)),
    Area("South Asia", "area", None, 22.0, 78.0, ("South Asia", "Südasien"), ("South Asian",)),
    Area("East Asia", "area", None, 36.0, 115.0, ("East Asia", "Ostasien"), ("East Asian",)),
    Area("Central Asia", "area", None, 43.0, 66.0, ("Central Asia", "Zentralasien", "Asie centrale"), ("Central Asian",)),
    Area("Eastern Europe", "area", None, 52.0, 28.0, ("Eastern Europe", "Osteuropa", "Europe de l'Est"), ("Eastern European",)),
    Area("Western Europe", "area", None, 48.0, 4.0, ("Western Europe", "Westeuropa"), ("Western European",)),
    Area("Balkans", "area", None, 43.0, 21.0, ("Balkans", "Balkan", "Балканы")),
    Area("Scandinavia", "area", None, 62.0, 15.0, ("Scandinavia", "Skandinavien", "Scandinavie", "Escandinavia"), ("Scandinavian",)),
    Area("Caucasus", "area", None, 42.5, 45.0, ("Caucasus", "South Caucasus", "Kaukasus", "Кавказ")),
    Area("Korean Peninsula", "area", None, 38.0, 127.0, ("Korean Peninsula", "Korean peninsula")),
)  # fmt: skip
