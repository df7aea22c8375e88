"""Overrides of kombu's Redis transport, each with its reason."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty
from typing import Any

from kombu.transport import redis as kombu
from kombu.utils.json import dumps as kombu_dumps
from kombu.utils.json import loads as kombu_loads
from redis.backoff import NoBackoff
from redis.retry import Retry
from structlog import get_logger

from services.runtime import quarantine

log = get_logger()


class BadEnvelope(ValueError):
    """A queue entry that is not a message in Celery's format; `raw` holds the entry."""

    def __init__(self, raw: Any, error: object) -> None:
        super().__init__(f"it is no message in an envelope of Celery's: {error}")
        self.raw = raw


class Message(kombu.virtual.Message):  # type: ignore[misc]
    """A message whose envelope has been validated: kombu reads these fields later, where a missing one
    ends the worker."""

    def __init__(self, payload: Any, channel: Any = None, **kwargs: Any) -> None:
        try:
            super().__init__(payload, channel, **kwargs)
            exchange, key = self.delivery_info["exchange"], self.delivery_info["routing_key"]
            whole = all(isinstance(text, str) for text in (self.delivery_tag, exchange, key))
            said = all(
                text is None or isinstance(text, str) for text in (self.content_type, self.content_encoding)
            )
            if not whole or not said or not isinstance(self.headers, dict):
                raise TypeError(
                    "its tag, exchange, routing key, content type or headers are not what they must be"
                )
        except Exception as error:
            raise BadEnvelope(_dumped(payload), f"{type(error).__name__}: {error}") from error


class TolerantQoS(kombu.QoS):  # type: ignore[misc]  # kombu has no types
    """Ignores acknowledgements for a connection that is gone.

    Kombu 5.7 acknowledges and requeues through a connection that it has closed already: an AttributeError
    that ends the worker with all that it has in hand. Nothing is lost by ignoring it: the visibility timeout
    and the ledger redeliver what was not acknowledged.
    """

    def restore_unacked_once(self, stderr: Any = None) -> None:
        """Requeues unacknowledged messages, if the connection still exists."""
        try:
            super().restore_unacked_once(stderr)
        except AttributeError as error:
            log.warning("unacknowledged_left_to_the_ledger", error=str(error))

    def ack(self, delivery_tag: str) -> None:
        """Acknowledges, unless the message came over an earlier connection: a thread may finish its task
        after that was lost."""
        if self.channel.connection is not None:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Rejects, under the same condition."""
        if self.channel.connection is not None:
            super().reject(delivery_tag, requeue)


class Channel(kombu.Channel):  # type: ignore[misc]
    """A channel whose waiting reads neither reconnect nor block.

    Kombu reconnects inside a read, and then the worker's event loop blocks in a read of the remote-control
    channel until someone publishes there.
    """

    QoS = TolerantQoS
    Message = Message

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = super()._connparams(asynchronous)
        if asynchronous:
            found |= {"retry": Retry(NoBackoff(), 0), "retry_on_timeout": False}
        return found

    def _brpop_read(self, **options: Any) -> Any:
        """Takes a message from a queue. An entry that is not a message goes to quarantine, and the worker
        goes on."""
        try:
            return super()._brpop_read(**options)
        except BadEnvelope as error:
            quarantine.keep(
                error.raw, queue=", ".join(self.active_queues), task=None, reason="bad_envelope", error=error
            )
            return True

    def _receive(self) -> bool:
        """Reads all that has arrived on the remote-control channel, without blocking."""
        client = self.subclient
        taken = False
        while client.connection is not None and client.connection.can_read(timeout=0):
            with suppress(Empty):
                taken = bool(self._receive_one(client)) or taken
        return taken


def loads(text: bytes | str) -> Any:
    """Parses an envelope like kombu. Raises BadEnvelope with the text, which kombu no longer has by then."""
    try:
        return kombu_loads(text)
    except Exception as error:
        raise BadEnvelope(text, f"{type(error).__name__}: {error}") from error


def _dumped(payload: Any) -> bytes | str:
    try:
        return str(kombu_dumps(payload))
    except Exception:  # noqa: BLE001  it is kept to be looked at: its repr does too
        return repr(payload)


def install() -> None:
    """Installs these overrides in kombu's Redis transport, which has no setting for them. Idempotent."""
    kombu.Transport.Channel = Channel
    kombu.loads = loads
