"""Redis: clients with short timeouts, and its errors as messages with a remedy."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ResponseError
from redis.retry import Retry

from services.contract.errors import Unavailable


def connect(redis_url: str) -> Redis:
    """A client with short timeouts and no retries: its callers are loops that try again at their own pace."""
    return Redis.from_url(
        redis_url,
        socket_timeout=5,
        socket_connect_timeout=3,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 0),
    )


def is_amqp(broker_url: str) -> bool:
    """Whether the broker speaks AMQP (RabbitMQ) instead of the Redis protocol."""
    return broker_url.startswith("amqp")


def explain(error: Exception) -> Unavailable:
    """The error as Unavailable, with one line that names the fault and the remedy. Each of these faults
    can be repaired while workers wait."""
    said = " ".join(str(error).split())
    if isinstance(error, AuthenticationError) or "WRONGPASS" in said or "NOAUTH" in said:
        return Unavailable("broker_password", f"Redis refused the password in DATELINE_REDIS_URL: {said}")
    if "OOM" in said or "maxmemory" in said:
        return Unavailable(
            "broker_full", f"Redis is at its maxmemory ({said}): raise it, or let the workers catch up"
        )
    if "MISCONF" in said or "No space left" in said:
        return Unavailable("broker_disk_full", f"Redis cannot write to its disk ({said}): free some space")
    if isinstance(error, ResponseError) and said.startswith(("WRONGTYPE", "ERR", "NOPERM", "EXECABORT")):
        return Unavailable(
            "broker_refused",
            f"Redis refused a command ({said}): does another program use a key of ours (dateline:*)?",
        )
    return Unavailable(
        "broker_away", f"Redis does not answer ({said}): is it running, and is DATELINE_REDIS_URL right?"
    )
