"""Celery's Redis transport, for which an entry of the queue that is none costs itself.

Others can write to Redis; to the library such an entry ends the worker.
"""

from queue import Empty
from typing import Any

from kombu.transport import redis
from redis import RedisError

from core.supervision import record_fault

# What says that there is nothing, or no broker: the library's own business.
PASSED_ON = (Empty, RedisError, OSError)


class QoS(redis.QoS):
    """Gives back what was taken and not finished; what cannot be is noted and dropped."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        try:
            super().restore_by_tag(tag, client, leftmost)
        except PASSED_ON:
            raise
        except Exception as error:
            record_fault(error, loop="queue")
            # It would keep what comes after it from being given back.
            own: Any = self
            with own.channel.conn_or_acquire(client) as connection, connection.pipeline() as pipe:
                own._remove_from_indices(tag, pipe).execute()


class Channel(redis.Channel):
    """Reads entries; one that cannot be read, or not be taken on, is noted and dropped."""

    QoS = QoS

    def _brpop_read(self, **options: Any) -> Any:
        before = set(self.qos._delivered or ())
        try:
            return super()._brpop_read(**options)
        except PASSED_ON:
            raise
        except Exception as error:
            record_fault(error, loop="queue")
            # Unacknowledged it would hold a place among those that may be worked on.
            for tag in set(self.qos._delivered or ()) - before:
                self.basic_reject(tag, requeue=False)
            return True


class Transport(redis.Transport):
    Channel = Channel
