"""One table, as a user would make it in a day; and the keywords by which the plain pipeline tells topics."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS plain_articles (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, url text NOT NULL UNIQUE, title text, authors text[],
    published_at timestamptz, text text NOT NULL, topics text[], countries text[],
    stored_at timestamptz DEFAULT now())
"""
INSERT = """
INSERT INTO plain_articles (url, title, authors, published_at, text, topics, countries)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (url) DO UPDATE SET title = excluded.title, text = excluded.text
"""
TOPICS = {
    "politics": ("election", "parliament", "minister", "government", "referendum", "coalition", "diplomat"),
    "economy": ("bank", "shares", "inflation", "profit", "company", "strike", "prices"),
    "conflict": ("army", "troops", "ceasefire", "shelling", "drone", "refugee"),
    "disaster": ("earthquake", "flood", "wildfire", "storm", "rescue"),
    "sport": ("champions", "striker", "coach", "olympic", "marathon", "goal"),
    "health": ("hospital", "vaccine", "patients", "disease", "clinic"),
    "science": ("researchers", "university", "satellite", "planet", "genome"),
    "crime": ("police", "court", "prison", "arrested", "fraud"),
    "culture": ("museum", "film", "novel", "exhibition", "festival"),
    "environment": ("climate", "emissions", "drought", "pollution"),
    "education": ("school", "students", "teachers", "tuition"),
}


def topics_of(text: str) -> list[str]:
    """Topics two of whose words a text has."""
    lower = text.lower()
    return [topic for topic, words in TOPICS.items() if sum(word in lower for word in words) >= 2]
