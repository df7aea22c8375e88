"""The error hierarchy. Only entry points (tasks, CLI, API) decide what happens to an error.

    DatelineError
    ├── TransientError        try again later; the ledger keeps the time
    │   ├── Unavailable       one of our servers (Postgres, Redis) does not answer
    │   └── Deferred          rate limit: the host must not be asked yet; counts no attempt
    └── PermanentError        trying again cannot help
        ├── BadUrl            an intake refuses the URL
        ├── BadLine           an intake refuses the line: it holds no URL
        ├── BadMessage        a message that does not decode
        ├── BadSettings       a service cannot start with these settings
        ├── Skipped           a valid page without an article, or one that robots.txt disallows
        └── NotModified       HTTP 304

Every error has a `reason` (a stable snake_case code, as in `submissions.reason`) and a message for a
person, which names the input and, where there is one, the remedy.
"""

from __future__ import annotations


class DatelineError(Exception):
    """Base class. `reason` is a stable code; the message is for a person."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TransientError(DatelineError):
    """May succeed later. `retry_after_s`: the wait that the server asked for (Retry-After), in seconds."""

    def __init__(self, reason: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after_s = retry_after_s


class Unavailable(TransientError):
    """A server that we depend on does not answer."""


class Deferred(TransientError):
    """Rate limit: the host may be asked again in `retry_after_s` seconds. No failure; counts no attempt."""


class PermanentError(DatelineError):
    """A retry cannot succeed."""


class BadUrl(PermanentError):
    """Not a URL that can be fetched."""


class BadLine(PermanentError):
    """A submitted line that holds no usable URL."""


class BadMessage(PermanentError):
    """A queue message that does not decode."""


class BadSettings(PermanentError):
    """Invalid settings; the message lists each variable and its remedy."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_settings", message)


class Skipped(PermanentError):
    """Fetched, but there is no article to store (a front page, a PDF, an empty page)."""


class NotModified(PermanentError):
    """HTTP 304: the stored article is current."""
