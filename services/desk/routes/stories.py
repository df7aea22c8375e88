"""Routes of stories and copies: lists of stories, one story, the story and the copies of an article."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from psycopg import Connection
from pydantic import Field

from services.desk import models, story_models
from services.desk.access import needs
from services.desk.parameters import MAX_ID, Filters, refused
from services.desk.routes.articles import ArticleId
from services.desk.state import TheDesk
from services.desk.story_rows import with_first
from services.store import copies as copies_of
from services.store import stories as store
from services.store.search_query import conditions

router = APIRouter(tags=["stories"], dependencies=[needs("read")])
_MOST_BY_ID = 20_000
"""Articles: of so many at most the stories are looked up; of more, stories are looked through in order."""
StoryId = Annotated[int, Path(ge=1, le=MAX_ID)]
MemberLimit = Annotated[int, Query(ge=1, le=1000, description="articles of a page")]
MemberCursor = Annotated[
    str | None,
    Query(
        pattern=r"^-?[0-9]{1,18}\.[0-9]{1,19}$", description="`next` of the page before, for more articles"
    ),
]


class StoryParameters(Filters):
    """Filters of articles, order, size of a page, cursor."""

    order: Literal["size", "growth", "new", "latest"] = Field(
        "size",
        description="size: articles; growth: articles of the last six hours; new: begun last; latest: with "
        "the newest article",
    )
    least: Annotated[int, Query(ge=2, le=10_000, description="articles: fewer are not listed")] = store.LEAST
    limit: Annotated[int, Query(ge=1, le=100)] = 20
    cursor: Annotated[
        str | None,
        Query(
            pattern=r"^(size|growth|new|latest)(\.-?[0-9]{1,18})(\.[0-9]{1,19})(\.[0-9]{1,18})$",
            description="`next` of the page before, in the same order",
        ),
    ] = None


@router.get("/stories")
def list_stories(desk: TheDesk, parameters: Annotated[StoryParameters, Query()]) -> story_models.StoryPage:
    """Stories of two articles or more of which one matches the filters, the greatest first. `growth` is of
    articles that appeared within the last six hours; by growth only stories that grow are listed."""
    query = parameters.query()
    ids = None
    if conditions(query)[0] != "true":
        ids = desk.current().matching(query, most=_MOST_BY_ID)
    with desk.pool.connection() as connection:
        try:
            found = store.listed(
                connection, query, order=parameters.order, limit=parameters.limit, least=parameters.least,
                cursor=parameters.cursor, ids=ids,
            )  # fmt: skip
        except store.BadCursor as error:
            raise refused("cursor", parameters.cursor or "", str(error)) from error
        rows = with_first(connection, found.rows)
    return story_models.StoryPage.model_validate({"stories": rows, "next": found.next})


@router.get("/stories/{story_id}", responses=models.problems(404))
def story(
    desk: TheDesk, story_id: StoryId, limit: MemberLimit = 200, cursor: MemberCursor = None
) -> story_models.StoryDetail:
    """A story with its articles in the order in which they appeared, their copies, places and times. Of a
    story that became part of another, that other: its `id` tells."""
    with desk.pool.connection() as connection:
        found = _detail(connection, story_id, limit, cursor)
    if found is None:
        raise HTTPException(404, f"there is no story {story_id}")
    return story_models.StoryDetail.model_validate(found)


@router.get("/articles/{article_id}/story", responses=models.problems(404))
def story_of_article(
    desk: TheDesk, article_id: ArticleId, limit: MemberLimit = 200, cursor: MemberCursor = None
) -> story_models.StoryOfArticle:
    """The story of an article, where it has other articles."""
    with desk.pool.connection() as connection:
        row = connection.execute(
            "SELECT (SELECT m.story_id FROM story_articles m WHERE m.article_id = a.id) FROM articles a "
            "WHERE a.id = %s",
            (article_id,),
        ).fetchone()
        if row is None:
            raise HTTPException(404, f"there is no article {article_id}")
        found = _detail(connection, row[0], limit, cursor) if row[0] is not None else None
    alone = found is None or found["articles"] < store.LEAST
    return story_models.StoryOfArticle.model_validate(
        {"article_id": article_id, "story": None if alone else found}
    )


@router.get("/articles/{article_id}/copies", responses=models.problems(404))
def copies(
    desk: TheDesk, article_id: ArticleId, limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> story_models.Family:  # fmt: skip
    """The family of an article's text: who had it first, and the copies with the passages that prove it."""
    with desk.pool.connection() as connection:
        found = copies_of.family(connection, article_id, limit=limit, offset=offset)
    if found is None:
        raise HTTPException(404, f"there is no article {article_id}")
    return story_models.Family.model_validate(found)


def _detail(
    connection: Connection[Any], story_id: int, limit: int, cursor: str | None
) -> dict[str, Any] | None:
    found = store.one(connection, story_id)
    if found is None:
        return None
    try:
        members, following = store.articles(connection, found["id"], limit=limit, cursor=cursor)
    except store.BadCursor as error:
        raise refused("cursor", cursor or "", str(error)) from error
    (row,) = with_first(connection, [found])
    return row | {"members": members, "next": following}
