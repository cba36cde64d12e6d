"""Celery's Redis transport, in which a malformed entry of the queue costs only itself.

Others can write to Redis; left to the library, such an entry ends the worker.
"""

from queue import Empty
from typing import Any

from kombu.transport import redis
from redis import RedisError

from core.supervision import record_fault

# These mean that the queue is empty, or the broker away: the library handles them itself.
PASSED_ON = (Empty, RedisError, OSError)


class QoS(redis.QoS):
    """Gives back unfinished entries; one that cannot be given back is recorded and dropped."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        try:
            super().restore_by_tag(tag, client, leftmost)
        except PASSED_ON:
            raise
        except Exception as error:
            record_fault(error, loop="queue")
            # Otherwise it would keep the entries after it from being given back.
            own: Any = self
            with own.channel.conn_or_acquire(client) as connection, connection.pipeline() as pipe:
                own._remove_from_indices(tag, pipe).execute()


class Channel(redis.Channel):
    """Reads entries; one that cannot be read or accepted is recorded and dropped."""

    QoS = QoS

    def _brpop_read(self, **options: Any) -> Any:
        before = set(self.qos._delivered or ())
        try:
            return super()._brpop_read(**options)
        except PASSED_ON:
            raise
        except Exception as error:
            record_fault(error, loop="queue")
            # Left unacknowledged, it would count against the number that may be worked on.
            for tag in set(self.qos._delivered or ()) - before:
                self.basic_reject(tag, requeue=False)
            return True


class Transport(redis.Transport):
    Channel = Channel
