"""The API's intake: submissions with receipts, and the history of a URL."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query

from services.contract.errors import DatelineError
from services.contract.unsendable import printable
from services.contract.urls import parse_url
from services.desk import models, reports
from services.desk.access import needs
from services.desk.parameters import MAX_ID
from services.desk.state import TheDesk
from services.store import ledger
from services.store.intake import parse_item
from services.store.ledger import Entry, Refusal
from services.store.trace import trace_refused, trace_submission, trace_url

router = APIRouter(tags=["submissions"])
_GONE = models.problems(404)


@router.post("/submissions", status_code=202, dependencies=[needs("submit")])
def submit(desk: TheDesk, body: reports.Submission) -> reports.Receipts:
    """Record URLs in the ledger. The response follows the commit: an accepted URL is durable."""
    results = [parse_item(item, "desk") for item in body.urls]
    entries = [r for r in results if isinstance(r, Entry)]
    with desk.pool.connection() as connection:
        done = ledger.record(
            connection, entries, [r for r in results if isinstance(r, Refusal)], again=body.again
        )
        rows = connection.execute(
            "SELECT url_hash, id, state, reason, detail FROM submissions WHERE url_hash = ANY(%s)",
            ([e.url.hash for e in entries],),
        ).fetchall()
    known = {bytes(row[0]): row[1:] for row in rows}
    receipts = [_receipt(result, known) for result in results]
    return reports.Receipts(
        receipts=receipts, new=done.new, known=done.known, again=done.again, refused=done.refused
    )


def _receipt(result: Entry | Refusal, known: dict[bytes, Any]) -> reports.Receipt:
    if isinstance(result, Refusal):
        return reports.Receipt(
            url=printable(result.raw)[:2000], accepted=False, id=None, state="refused",
            reason=result.error.reason, detail=printable(str(result.error)),
        )  # fmt: skip
    number, state, reason, detail = known[result.url.hash]
    return reports.Receipt(
        url=result.url.url, accepted=True, id=number, state=state, reason=reason, detail=detail
    )


@router.get("/submissions", responses=_GONE, dependencies=[needs("read")])
def trace_of_url(
    desk: TheDesk, url: Annotated[str, Query(max_length=4000, pattern=r"^[^\x00]+$")]
) -> reports.Trace:
    """The history of a URL: its submission, attempts with their steps, dead letters and article."""
    with desk.pool.connection() as connection:
        try:
            found = trace_url(connection, parse_url(url))
        except DatelineError:
            found = trace_refused(connection, url)
    if found is None:
        raise HTTPException(404, "this URL was never submitted")
    return reports.Trace.model_validate(found)


@router.get("/submissions/{submission_id}", responses=_GONE, dependencies=[needs("read")])
def trace(desk: TheDesk, submission_id: Annotated[int, Path(ge=1, le=MAX_ID)]) -> reports.Trace:
    """The same by the id of a receipt."""
    with desk.pool.connection() as connection:
        found = trace_submission(connection, submission_id)
    if found is None:
        raise HTTPException(404, f"there is no submission {submission_id}")
    return reports.Trace.model_validate(found)
