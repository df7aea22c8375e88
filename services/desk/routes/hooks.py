"""Routes of webhooks: saved queries whose new articles and stories are delivered to a receiver."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Path
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from services.contract.errors import PermanentError
from services.desk import models, reports
from services.desk.access import needs
from services.desk.acting import Admin, who
from services.desk.parameters import MAX_ID, CollapsedFilters, refused
from services.desk.state import TheDesk
from services.store import audit, webhooks
from services.store.changes import Kind
from services.store.search_query import Query

router = APIRouter(tags=["webhooks"], dependencies=[needs("admin")])
WebhookId = Annotated[int, Path(ge=1, le=MAX_ID)]
_GONE = models.problems(404)


@router.get("/webhooks")
def list_webhooks(desk: TheDesk) -> reports.Webhooks:
    """All webhooks with their delivery state."""
    with desk.pool.connection() as connection:
        return reports.Webhooks.model_validate({"webhooks": webhooks.listed(connection)})


@router.post("/webhooks", status_code=201, responses=models.problems(409))
def add_webhook(desk: TheDesk, admin: Admin, body: reports.WebhookIn) -> reports.WebhookMade:
    """Create a webhook: deliver every article that matches the query from now on. With `kind` among the
    filters, also or only stories of which an article matches; with `collapse`, no copies, or only the first
    article of each story."""
    query, kinds = _query(body.filters)
    try:
        host = urlsplit(body.url).hostname
    except ValueError as error:
        raise refused("url", body.url, f"is no URL: {error}", where="body") from error
    if not host:
        raise refused("url", body.url, "names no host", where="body")
    with desk.pool.connection() as connection:
        try:
            number, secret = webhooks.add(connection, body.name, body.url, query, kinds)
        except PermanentError as error:
            raise HTTPException(409, str(error)) from error
        audit.note(connection, who(admin), "webhook_added", f"webhook {number}", name=body.name, url=body.url)
    return reports.WebhookMade(id=number, secret=secret)


class WebhookFilters(CollapsedFilters):
    """Filters, and the kinds of changes."""

    kind: list[Kind] = Field(default=[], max_length=8)


def _query(filters: dict[str, Any]) -> tuple[Query, list[Kind]]:
    """Parses the filters. Raises RequestValidationError that names the invalid one."""
    try:
        found = WebhookFilters.model_validate(filters)
        return found.query(), found.kind
    except ValidationError as error:
        problems: list[Any] = [{**problem, "ctx": {}} for problem in error.errors()]
    except HTTPException as refusal:
        said: Any = refusal.detail
        problems = [{**problem, "loc": problem["loc"][1:]} for problem in said]
    raise RequestValidationError(
        [{**problem, "loc": ("body", "filters", *problem["loc"])} for problem in problems]
    )


@router.post("/webhooks/{webhook_id}/resume", status_code=204, responses=_GONE)
def resume_webhook(desk: TheDesk, admin: Admin, webhook_id: WebhookId) -> None:
    """Resume a paused webhook from its cursor."""
    with desk.pool.connection() as connection:
        if not webhooks.resume(connection, webhook_id):
            raise HTTPException(404, f"there is no webhook {webhook_id}")
        audit.note(connection, who(admin), "webhook_resumed", f"webhook {webhook_id}")


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=_GONE)
def remove_webhook(desk: TheDesk, admin: Admin, webhook_id: WebhookId) -> None:
    """Delete a webhook."""
    with desk.pool.connection() as connection:
        if not webhooks.remove(connection, webhook_id):
            raise HTTPException(404, f"there is no webhook {webhook_id}")
        audit.note(connection, who(admin), "webhook_removed", f"webhook {webhook_id}")
