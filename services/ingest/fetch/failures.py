"""Classification of connection errors into transient and permanent ones."""

from __future__ import annotations

import socket
from http.client import BadStatusLine, HTTPException, RemoteDisconnected, UnknownProtocol

import requests
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, NameResolutionError

from services.contract.errors import DatelineError, PermanentError, TransientError
from services.net.http_answers import MOST_FIELDS, BadHead

FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)
"""Exceptions of a request and of reading its response."""
_MAX_HEADERS = f"{MOST_FIELDS:,} lines, one of 64 KiB, or 256 KiB in all"


def classified(error: Exception, url: str) -> DatelineError:
    """The TransientError or PermanentError for a connection error."""
    chain: list[BaseException] = []
    node: BaseException | None = error
    while node is not None and node not in chain:
        chain.append(node)
        reason = getattr(node, "reason", None)
        node = node.__cause__ or node.__context__ or (reason if isinstance(reason, BaseException) else None)
    for link in chain:
        if isinstance(link, DatelineError):  # the address check's own refusal, wrapped by the library
            return link
    said = " ".join(str(error).split())[:300]
    if any(isinstance(link, (NameResolutionError, socket.gaierror)) for link in chain):
        return TransientError("dns_failure", f"{url}: the host name does not resolve")
    if (
        ("got more than" in said and "headers" in said)
        or "LineTooLong" in said
        or "got more than 65536 bytes" in said
    ):
        return PermanentError("too_large", f"{url}: its headers are larger than {_MAX_HEADERS}")
    if any(isinstance(link, IncompleteRead) for link in chain) or "IncompleteRead" in said:
        return TransientError("truncated", f"{url}: the connection ended before the page did")
    if any(isinstance(link, DecodeError) for link in chain):
        return PermanentError("bad_encoding", f"{url}: its compressed body is damaged")
    if any(
        isinstance(link, (BadStatusLine, UnknownProtocol, BadHead))
        and not isinstance(link, RemoteDisconnected)
        for link in chain
    ):
        return TransientError("bad_answer", f"{url}: what answers there does not speak HTTP ({said[:100]})")
    if any(isinstance(link, RemoteDisconnected) for link in chain):
        return TransientError("connection_reset", f"{url}: the host closed the connection without an answer")
    if isinstance(error, requests.exceptions.SSLError):
        return PermanentError("tls_error", f"{url}: the TLS certificate was not accepted ({said})")
    if isinstance(error, requests.exceptions.Timeout) or any(
        isinstance(link, TimeoutError) for link in chain
    ):
        return TransientError("timeout", f"{url} did not answer in time")
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return TransientError("connection_refused", f"{url}: the host refused the connection")
    if any(isinstance(link, ConnectionResetError) for link in chain):
        return TransientError("connection_reset", f"{url}: the host reset the connection")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return PermanentError("malformed_url", f"{url}: {said}")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return PermanentError("bad_encoding", f"{url}: its compressed body is damaged")
    return TransientError("unreachable", f"{url}: {said}")
