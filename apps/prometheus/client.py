"""Prometheus over the wire: the only importer of its client library.

Three outcomes: samples, no samples (an empty list), or `PrometheusUnavailable`.
"""

import io
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from prometheus_api_client import PrometheusApiClientException, PrometheusConnect
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from core.answers import Answer, meaning_of
from core.destinations import DENIED, PlaceDenied
from core.messages import Message, below
from core.transport import TooLarge, guard, read_whole

TIMEOUT_SECONDS = 10.0
# A series of a pod has some 300 bytes; no cluster has 200,000 pods.
MOST_BYTES = 64 * 1024**2
# The default of 5 min would show stopped series as present; four scrapes of 30 s may be missed.
LOOKBACK = "2m"


# Errors in the body of an answer reach us in urllib3's own words, not in those of requests.
AWAY = (PrometheusApiClientException, requests.RequestException, urllib3.exceptions.HTTPError)


class PrometheusUnavailable(Exception):
    """Prometheus gave no usable answer; `answer` says what to do about it."""

    def __init__(self, message: Message, *, answer: Answer = Answer.REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at one time."""

    labels: Mapping[str, str]
    value: float


class BoundedAdapter(HTTPAdapter):
    """Takes only answers that end in time and are not too large."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        guard(self.poolmanager)

    def build_response(self, request: Any, answer: Any) -> requests.Response:
        body = io.BytesIO(read_whole(answer, most_bytes=MOST_BYTES))
        whole: Any = urllib3.HTTPResponse(
            body, status=answer.status, reason=answer.reason, preload_content=False
        )
        return super().build_response(request, whole)


class Prometheus:
    """Instant queries to one server, which may take `seconds` in total."""

    def __init__(self, url: str, *, seconds: float = math.inf) -> None:
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = 0
        session.headers["Accept-Encoding"] = "identity"
        session.hooks["response"].append(raise_for_status)
        self.connection = PrometheusConnect(url=url, session=session)
        # Replaces all of the library's adapters, so that no spelling of the address reaches one.
        session.adapters.clear()
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter(max_retries=Retry(total=0)))
        self.ends_at = time.monotonic() + seconds

    def query(self, promql: str) -> list[Sample]:
        """Return the finite samples of an instant query; NaN and infinities are left out.

        Raises:
            PrometheusUnavailable: no answer, an error, or one that is not a vector.
        """
        return [sample for sample in self.query_all(promql) if math.isfinite(sample.value)]

    def query_all(self, promql: str) -> list[Sample]:
        """Return the samples of an instant query, including NaN and infinities.

        Raises:
            PrometheusUnavailable: no answer, an error, or one that is not a vector.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise PrometheusUnavailable(
                Message("Prometheus did not answer in time."), answer=Answer.AWAY
            )
        try:
            answer: Any = self.connection.custom_query(
                promql, {"lookback_delta": LOOKBACK}, timeout=min(TIMEOUT_SECONDS, left)
            )
            return [sample_of(one) for one in answer]
        except PlaceDenied as error:
            raise PrometheusUnavailable(DENIED) from error
        except TooLarge as error:
            raise PrometheusUnavailable(
                Message("Prometheus sent a larger response than is accepted.")
            ) from error
        except AWAY as error:
            raise PrometheusUnavailable(sentence_of(error), answer=Answer.AWAY) from error
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise PrometheusUnavailable(
                Message("Prometheus sent an unexpected response.")
            ) from error


def sample_of(one: Any) -> Sample:
    """Return one series of an answer.

    Raises:
        TypeError: its labels are malformed.
    """
    labels = one["metric"]
    if not isinstance(labels, dict) or not all(isinstance(v, str) for v in labels.values()):
        raise TypeError("labels")
    return Sample(labels, float(one["value"][1]))


def raise_for_status(response: requests.Response, **_: object) -> None:
    """Say what an answer other than 200 means, before the library turns all into one error.

    Raises:
        PrometheusUnavailable: always, for such an answer.
    """
    status = response.status_code
    if status == 200:
        return
    meaning = meaning_of(status)
    said = f"HTTP Status Code {status} ({response.content!r})"[:320]
    if status in (401, 403):
        ours = Message("Prometheus demands credentials.")
    elif meaning is Answer.REFUSED:
        ours = Message("Prometheus refused the query.")
    else:
        ours = Message("Prometheus is not working now.")
    raise PrometheusUnavailable(ours + below(said), answer=meaning)


def sentence_of(error: Exception) -> Message:
    """Say what went wrong with the connection."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Message("Prometheus did not answer in time.")
    return Message("Prometheus cannot be reached.")
