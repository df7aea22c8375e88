"""Routes of articles: search results, facets, one article, diffs of its versions, exports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import StreamingResponse
from psycopg import Connection

from services.desk import models
from services.desk.access import CallerToken, needs
from services.desk.comparing import compared
from services.desk.exports import Export
from services.desk.parameters import MAX_ID, CollapsedFilters, Filters, refused
from services.desk.state import EXPORTS_AT_ONCE, TheDesk
from services.desk.streaming import RevocableStream
from services.store import article_reader, exporting, search

router = APIRouter(tags=["articles"], dependencies=[needs("read")])
ArticleId = Annotated[int, Path(ge=1, le=MAX_ID)]


class ListParameters(CollapsedFilters):
    """Filters, cursor and size of a page."""

    limit: Annotated[int, Query(ge=1, le=200)] = 20
    cursor: Annotated[
        str | None, Query(pattern=r"^-?[0-9]{1,15}\.[0-9]{1,19}$", description="`next` of the page before")
    ] = None


class FacetParameters(Filters):
    """Filters, and the length of the timeline's buckets."""

    bucket: Literal["hour", "day", "week"] | None = None


class ExportParameters(CollapsedFilters):
    """Filters and format."""

    format: Literal["jsonl", "csv", "parquet"] = "jsonl"


@router.get("/articles")
def articles(desk: TheDesk, parameters: Annotated[ListParameters, Query()]) -> models.ResultPage:
    """Articles of a query, newest first. Pages stay stable while articles are stored (keyset pagination).
    `collapse` shows one article of each text or story."""
    found = desk.current().page(parameters.query(), cursor=parameters.cursor, limit=parameters.limit)
    with desk.pool.connection() as connection:
        rows = search.summaries(connection, found.ids)
    return models.ResultPage.model_validate(
        {"articles": rows, "total": found.total, "next": found.next, "sampled": found.sampled}
    )


@router.get("/facets")
def facets(desk: TheDesk, parameters: Annotated[FacetParameters, Query()]) -> models.Facets:
    """Counts of a query's articles by topic, country, language, source and time. Each facet ignores its
    own filter."""
    bucket_s = {"hour": 3600, "day": 86_400, "week": 604_800}.get(parameters.bucket or "")
    return models.Facets.model_validate(desk.current().facets(parameters.query(), bucket_s=bucket_s))


@router.get("/articles/{article_id}", responses=models.problems(404))
def article(desk: TheDesk, article_id: ArticleId) -> models.ArticleDetail:
    """An article with its tags and their evidence, places, links and versions."""
    with desk.pool.connection() as connection:
        found = article_reader.article(connection, article_id)
    if found is None:
        raise HTTPException(404, f"there is no article {article_id}")
    return models.ArticleDetail.model_validate(found)


@router.get("/articles/{article_id}/diff", responses=models.problems(404))
def diff(
    desk: TheDesk,
    article_id: ArticleId,
    before: Annotated[int, Query(ge=1, le=1_000_000)],
    after: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="the present version where left out")
    ] = None,
) -> models.Diff:
    """The diff of two versions of an article, by words."""
    with desk.pool.connection() as connection:
        later = after if after is not None else _present(connection, article_id)
        old = article_reader.version(connection, article_id, before)
        new = article_reader.version(connection, article_id, later)
    if old is None or new is None:
        raise HTTPException(404, f"article {article_id} has no version {before if old is None else later}")
    return models.Diff(
        article_id=article_id, before=before, after=later, title=_compared(old["title"], new["title"]),
        text=_compared(old["text"], new["text"])
    )  # fmt: skip


def _present(connection: Connection[Any], article_id: int) -> int:
    row = connection.execute("SELECT version FROM articles WHERE id = %s", (article_id,)).fetchone()
    return int(row[0]) if row else 0


def _compared(old: str, new: str) -> list[models.Piece]:
    return [models.Piece(kind=kind, text=text) for kind, text in compared(old, new)]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in exporting.MEDIA_TYPES.values()}}},
)
def export(
    desk: TheDesk, parameters: Annotated[ExportParameters, Query()], token: CallerToken
) -> StreamingResponse:
    """Every article of a query with text and tags, as a stream of JSON Lines, CSV or Parquet."""
    kind = parameters.format
    query = parameters.query()
    if kind == "parquet" and not exporting.has_parquet():
        raise refused("format", kind, "needs pyarrow, which is not installed here")
    if not desk.exports.acquire(blocking=False):
        raise HTTPException(
            503, f"{EXPORTS_AT_ONCE} exports are running already: try again later", {"Retry-After": "10"}
        )
    under_way = Export(desk, query, kind)
    return RevocableStream(
        under_way.blocks,
        allowed=lambda: desk.is_valid(token),
        over=under_way.over,
        cut=under_way.cut,
        media_type=exporting.MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="dateline.{kind}"'},
    )
