"""The one tree of errors. Only doors (tasks, CLI) decide what becomes of one.

    DatelineError
    ├── TransientError        try again later; the ledger keeps the time
    │   ├── Unavailable       a server of ours (Postgres, Redis) is away
    │   └── Deferred          not yet: the host must not be asked now; costs no attempt
    └── PermanentError        trying again cannot help
        ├── BadUrl            a door refuses the URL
        ├── BadLine           a door refuses the line before it has a URL
        ├── BadMessage        a message that does not decode
        ├── BadSettings       a service cannot start with these settings
        ├── Skipped           a page that is fine but holds no article, or one that robots.txt forbids
        └── NotModified       the server says that the page is as it was

Every error has a `reason` (a stable snake_case code, what `submissions.reason` holds) and a
message for a person, which names the input and, where there is one, the remedy.
"""

from __future__ import annotations


class DatelineError(Exception):
    """Base of all errors of ours. `reason` is a stable code; the message is for a person."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TransientError(DatelineError):
    """May work later. `retry_after_s` is the wait that the other side asked for, in seconds."""

    def __init__(self, reason: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after_s = retry_after_s


class Unavailable(TransientError):
    """A server that we need does not answer."""


class Deferred(TransientError):
    """The host must not be asked yet; `retry_after_s` says when. It is no failure and counts no attempt."""


class PermanentError(DatelineError):
    """Cannot work, however often it is tried."""


class BadUrl(PermanentError):
    """Not a URL that can be fetched."""


class BadLine(PermanentError):
    """A submitted line that holds no usable URL."""


class BadMessage(PermanentError):
    """A message from the queue that does not decode under the contract."""


class BadSettings(PermanentError):
    """Settings that a service cannot start with; the message lists each variable and its remedy."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_settings", message)


class Skipped(PermanentError):
    """Fetched, but there is no article to store (a home page, a PDF, an empty page)."""


class NotModified(PermanentError):
    """The server answered 304: what is stored is what it has."""
