"""Our queries and their boundary, against a real Prometheus that scrapes what we say."""

import threading
from http.server import ThreadingHTTPServer

import pytest

from core.answers import Answer
from core.resources import Resources
from prometheus.client import Prometheus, PrometheusUnavailable, Sample
from prometheus.queries import CARDS, MEBIBYTE, QUERIES
from tests.listening import listening
from tests.prometheus.exporter import Exposition
from usage.cards import GPU, GPU_MEMORY, attribute, parts_of


def values(server: Prometheus, resource: str) -> dict[tuple[str, str], float]:
    """Ask one of our queries; return its samples by pod, in our unit."""
    query = next(query for query in QUERIES if query.resource == resource)
    return {
        (s.labels["namespace"], s.labels["pod"]): s.value * query.factor
        for s in server.query(query.promql)
        if s.labels.get("namespace") == "ns" and "pod" in s.labels
    }


def of_cards(server: Prometheus, resource: str) -> dict[tuple[str, str], float | None]:
    """Ask for cards; return the figures of a resource, as if every pod held whole ones."""
    parts = parts_of((sample.labels, sample.value) for sample in server.query_all(CARDS))
    held = {part.holder: Resources({GPU: 1}) for part in parts if part.holder}
    amounts = attribute(parts, held).amounts
    return {pod: its.value for (pod, name), its in amounts.items() if name == resource}


def test_a_container_counts_once_however_often_it_is_scraped(server):
    assert values(server, "memory") == {("ns", "p"): 1000.0, ("ns", "q"): 5000.0}


def test_a_container_younger_than_the_window_is_not_measured_by_the_whole_window(server):
    assert values(server, "cpu")["ns", "young"] == pytest.approx(2000, rel=0.1)


def test_an_older_container_is_averaged_over_the_window(server):
    # It works half of each minute: a whole core or nothing between its last two samples.
    assert values(server, "cpu")["ns", "grown"] == pytest.approx(500, abs=100)


def test_a_counter_that_starts_anew_is_never_less_than_nothing(server):
    # What was counted between the last sample and the new start is lost, at most ten of 60 s.
    assert values(server, "cpu")["ns", "reset"] == pytest.approx(900, abs=150)


@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_what_stopped_is_not_read_as_present(server, resource):
    there = server.query('{pod="stopped"}')
    assert there == []
    assert ("ns", "stopped") not in values(server, resource)


def test_cards_are_attributed_to_the_pod_that_holds_them(server):
    # Two cards of one pod, named in both ways; under MIG the profiling ratio counts.
    found = of_cards(server, GPU)
    assert found["ns", "p"] == pytest.approx(0.8)
    assert found["ns", "mig"] == 0.25


def test_a_card_that_is_held_and_does_nothing_is_idle_and_known(server):
    assert of_cards(server, GPU)["ns", "idle"] == 0.0


def test_a_card_that_nobody_holds_is_nobodys(server):
    parts = parts_of((sample.labels, sample.value) for sample in server.query_all(CARDS))
    unheld = {part.card.name: part.duty for part in parts if part.holder is None}
    assert unheld == {"/4": pytest.approx(0.7), "GPU-8": pytest.approx(0.7)}


def test_a_card_that_cannot_profile_is_measured_by_its_utilisation(server):
    assert of_cards(server, GPU)["ns", "old"] == pytest.approx(0.4)


def test_a_pod_with_a_card_that_has_no_number_has_none(server):
    assert of_cards(server, GPU)["ns", "blind"] is None


def test_frame_buffer_is_bytes_and_a_card_counts_once_however_often_it_is_scraped(server):
    assert of_cards(server, GPU_MEMORY)["ns", "p"] == 768.0 * MEBIBYTE


def test_what_is_no_number_is_left_out(server):
    assert server.query("odd") == [
        Sample({"__name__": "odd", "kind": "one", **labels(server)}, 1.0)
    ]


def labels(server: Prometheus) -> dict[str, str]:
    """Return what the scrape added."""
    found = server.query('odd{kind="one"}')[0].labels
    return {name: found[name] for name in ("instance", "job")}


def test_no_series_is_an_empty_answer(server):
    assert server.query("nothing_of_this_name") == []


@pytest.mark.parametrize("promql", ["sum(", "odd[5m]", '"text"'])
def test_a_query_that_has_no_vector_is_an_outage_and_no_answer(server, promql):
    with pytest.raises(PrometheusUnavailable):
        server.query(promql)


def test_nobody_listening_is_an_outage():
    with pytest.raises(PrometheusUnavailable, match="cannot be reached"):
        Prometheus("http://127.0.0.1:1").query("up")


def test_a_server_that_is_no_prometheus_is_an_outage():
    page = ThreadingHTTPServer(("127.0.0.1", 0), Exposition)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    with pytest.raises(PrometheusUnavailable):
        Prometheus(f"http://127.0.0.1:{page.server_port}").query("up")
    page.shutdown()


@pytest.mark.parametrize(
    ("status", "meaning", "sentence"),
    [
        (400, Answer.REFUSED, "Prometheus refused the query."),
        (422, Answer.REFUSED, "Prometheus refused the query."),
        (302, Answer.REFUSED, "Prometheus refused the query."),
        (401, Answer.REFUSED, "Prometheus demands credentials."),
        (403, Answer.REFUSED, "Prometheus demands credentials."),
        (429, Answer.BUSY, "Prometheus is not working now."),
        (500, Answer.BUSY, "Prometheus is not working now."),
        (502, Answer.AWAY, "Prometheus is not working now."),
        (503, Answer.AWAY, "Prometheus is not working now."),
    ],
)
def test_an_answer_means_what_it_means_everywhere(status, meaning, sentence):
    said = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    with listening(said) as at, pytest.raises(PrometheusUnavailable, match=sentence) as error:
        Prometheus(f"http://127.0.0.1:{at.port}").query("up")
    assert error.value.answer is meaning
    assert str(status) in str(error.value)


def test_nobody_answering_is_away_and_nonsense_is_not():
    with pytest.raises(PrometheusUnavailable) as error:
        Prometheus("http://127.0.0.1:1").query("up")
    assert error.value.answer is Answer.AWAY
    odd = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
    with listening(odd) as at, pytest.raises(PrometheusUnavailable) as error:
        Prometheus(f"http://127.0.0.1:{at.port}").query("up")
    assert error.value.answer is Answer.REFUSED
