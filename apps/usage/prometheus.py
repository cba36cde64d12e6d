"""Prometheus over the wire: the only importer of its client library.

Three outcomes: samples, no samples (an empty list), or `PrometheusUnavailable`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from prometheus_api_client import PrometheusApiClientException, PrometheusConnect
from urllib3 import Retry

from core.answers import Answer, meaning_of
from core.places import DENIED, PlaceDenied, check_places
from core.words import kept, on_lines

TIMEOUT_SECONDS = 10
# The default of 5 min shows what stopped as present; four scrapes of 30 s may be missed.
LOOKBACK = "2m"


class PrometheusUnavailable(Exception):
    """Prometheus gave no answer that can be used; `answer` says what to do about it."""

    def __init__(self, message: str, *, answer: Answer = Answer.REFUSED) -> None:
        super().__init__(message)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at one time."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """Instant queries against one server."""

    def __init__(self, url: str) -> None:
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = 0
        session.hooks["response"].append(raise_for_status)
        self.connection = PrometheusConnect(
            url=url, session=session, timeout=TIMEOUT_SECONDS, retry=Retry(total=0)
        )
        adapter: Any = session.get_adapter(url)
        check_places(adapter.poolmanager)

    def query(self, promql: str) -> list[Sample]:
        """Return the finite samples of an instant query; NaN and infinities are no numbers.

        Raises:
            PrometheusUnavailable: no answer, an error, or one that is not a vector.
        """
        return [sample for sample in self.query_all(promql) if math.isfinite(sample.value)]

    def query_all(self, promql: str) -> list[Sample]:
        """Return the samples of an instant query, with those that are no numbers.

        Raises:
            PrometheusUnavailable: no answer, an error, or one that is not a vector.
        """
        try:
            answer = self.connection.custom_query(
                promql, {"lookback_delta": LOOKBACK}, timeout=TIMEOUT_SECONDS
            )
            return [Sample(one["metric"], float(one["value"][1])) for one in answer]
        except PlaceDenied as error:
            raise PrometheusUnavailable(DENIED) from error
        except (PrometheusApiClientException, requests.RequestException) as error:
            raise PrometheusUnavailable(sentence_of(error), answer=Answer.AWAY) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise PrometheusUnavailable(kept("Prometheus answered something else.")) from error


def raise_for_status(response: requests.Response, **_: object) -> None:
    """Say what an answer other than 200 means, before the library makes one error of them all.

    Raises:
        PrometheusUnavailable: always, for such an answer.
    """
    status = response.status_code
    if status == 200:
        return
    meaning = meaning_of(status)
    said = f"HTTP Status Code {status} ({response.content!r})"[:320]
    if status in (401, 403):
        ours = kept("Prometheus demands credentials.")
    elif meaning is Answer.REFUSED:
        ours = kept("Prometheus refused the query.")
    else:
        ours = kept("Prometheus does not work now.")
    raise PrometheusUnavailable(on_lines(ours, said), answer=meaning)


def sentence_of(error: Exception) -> str:
    """Say what went wrong on the way."""
    if isinstance(error, requests.Timeout):
        return kept("Prometheus did not answer in time.")
    return kept("Prometheus cannot be reached.")
