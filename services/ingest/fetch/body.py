"""Response bodies: streamed within a size limit and a deadline, and decoded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import requests
from urllib3.exceptions import HTTPError

from services.contract.errors import DatelineError, PermanentError, TransientError
from services.ingest.fetch.decoding import Damaged, Unknown, codings, decoded
from services.ingest.fetch.inflate import TooLarge, Truncated

_CHUNK = 64 * 1024
_LENGTH = re.compile(r"[0-9]+", re.ASCII)


def read_body(
    response: requests.Response,
    most: int,
    deadline: float,
    late: Callable[[str], DatelineError],
    *,
    cut: bool = False,
) -> bytes:
    """The whole body, at most `most` bytes after decoding; with `cut`, as much of it as fits, the rest is
    not read.

    A compressed body that reaches its own end is complete, whatever Content-Length says: some servers state
    the plain page's.
    """
    url = response.url
    applied = codings(response.headers.get("content-encoding", ""))
    packed = bytearray()
    failed: Exception | None = None
    try:
        if not cut:
            _check_stated(response, most)
        for chunk in _chunks(response):
            packed += chunk
            if len(packed) > most:
                if cut:
                    break
                raise PermanentError("too_large", f"{url} is larger than {most:,} bytes")
            if time.monotonic() > deadline:
                raise late(url)
    except (HTTPError, OSError) as error:
        if not applied or cut:
            raise
        failed = error
    if not applied:
        return bytes(packed[:most])
    try:
        return decoded(bytes(packed), applied, most, cut=cut)
    except TooLarge as error:
        raise PermanentError("too_large", f"{url} is larger than {most:,} bytes when decompressed") from error
    except Truncated as error:
        raise failed or TransientError("truncated", f"{url}: its compressed body ends too early") from error
    except Damaged as error:
        raise failed or PermanentError(
            "bad_encoding", f"{url}: its compressed body is damaged ({error})"
        ) from error
    except Unknown as error:
        raise PermanentError(
            "bad_encoding", f"{url}: its body is packed in a way that was not asked for ({error})"
        ) from error


def _check_stated(response: requests.Response, most: int) -> None:
    """Refuses at once a response whose Content-Length is too large."""
    stated = response.headers.get("content-length", "")
    if _LENGTH.fullmatch(stated) and (len(stated) > 18 or int(stated) > most):
        raise PermanentError(
            "too_large",
            f"{response.url} is {stated[:20]} bytes long by its own account; at most {most:,} are read",
        )


def _chunks(response: requests.Response) -> Iterator[bytes]:
    # read1 returns what has arrived, so that a dripping server cannot delay the deadline check.
    raw = response.raw
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk
