"""The last lines of a crashed container, from a server that plays the log route."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters.client import ClusterClient
from clusters.kubeconfig import ClusterAccess
from core.reasons import Reason
from projects.models import Role
from serving.api.reading import shown_rollouts
from serving.diagnosis.pods import PodFacts
from serving.models import Rollout
from serving.rules.lifecycle import Phase
from serving.worker import last_words
from serving.worker.advance import with_last_lines
from serving.worker.claim import claim
from serving.worker.commit import commit
from serving.worker.last_words import LastLines, last_lines_of
from serving.worker.outcome import Finding
from tests import factories
from tests.listening import listening
from tests.log_route import api_server

CRASHED = {
    "name": "model",
    "state": "waiting",
    "reason": "CrashLoopBackOff",
    "restarts": 3,
    "last_exit_code": 1,
}
SETUP = CRASHED | {"name": "setup", "kind": "init"}


def pod(*containers: dict[str, Any], **fields: Any) -> PodFacts:
    return PodFacts("scorer-1", is_ready=False, containers=list(containers), **fields)


def read(log: bytes, root_cause: PodFacts | None, status: int = 200) -> tuple[Any, list[Any]]:
    with api_server(log, status) as (url, asked):
        client = ClusterClient(ClusterAccess(server=url, token="t"))
        return last_lines_of(client, "fraud", root_cause), asked


def test_the_run_that_crashed_is_read_and_its_last_lines_are_kept():
    found, asked = read(b"loading\nout of memory\n", pod(CRASHED))
    assert found == LastLines("scorer-1", "model", ["loading", "out of memory"])
    ((path, query),) = asked
    assert path == "/api/v1/namespaces/fraud/pods/scorer-1/log"
    assert (query["container"], query["previous"]) == (["model"], ["true"])
    assert query["tailLines"] == ["40"]


@pytest.mark.parametrize(
    ("container", "name", "previous"),
    [
        pytest.param(SETUP, "setup", "true", id="an init container"),
        pytest.param(
            {"name": "model", "state": "terminated", "exit_code": 1},
            "model",
            "false",
            id="just ended",
        ),
        pytest.param(
            CRASHED | {"reason": "", "state": "running", "last_reason": "OOMKilled"},
            "model",
            "true",
            id="killed, and running again",
        ),
    ],
)
def test_the_container_that_crashed_is_asked(container, name, previous):
    waiting = {"name": "other", "state": "waiting", "reason": "PodInitializing"}
    found, ((_, query),) = read(b"bye", pod(container, waiting))
    assert (found.container, query["container"], query["previous"]) == (name, [name], [previous])


@pytest.mark.parametrize(
    "root_cause",
    [
        pytest.param(None, id="nobody"),
        pytest.param(
            pod({"name": "model", "state": "waiting", "reason": "ErrImagePull"}), id="image"
        ),
        pytest.param(pod({"name": "model", "state": "running"}), id="not ready"),
        pytest.param(pod(phase="Failed", reason="UnexpectedAdmissionError"), id="refused"),
    ],
)
def test_nothing_is_asked_where_nothing_crashed(root_cause):
    assert read(b"lines", root_cause) == (None, [])


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_no_log_is_no_reason_to_fail(status):
    assert read(b"not to be had", pod(CRASHED), status)[0] is None


def test_an_empty_log_is_no_log():
    assert read(b"", pod(CRASHED))[0] is None


def test_a_server_that_is_away_or_trickles_holds_nothing_up(monkeypatch):
    monkeypatch.setattr(last_words, "LONGEST_READ_SECONDS", 0.5)
    away = ClusterClient(ClusterAccess(server="http://127.0.0.1:1", token="t"))
    assert last_lines_of(away, "fraud", pod(CRASHED)) is None
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    started = timezone.now()
    with listening([head, *[b"x"] * 200]) as listener:
        client = ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{listener.port}", token="t"))
        assert last_lines_of(client, "fraud", pod(CRASHED)) is None
    assert (timezone.now() - started).total_seconds() < 5


@pytest.mark.parametrize(
    ("log", "kept"),
    [
        pytest.param(b"a\x00b\n", ["ab"], id="NUL"),
        pytest.param(b"caf\xe9\n", ["caf\N{REPLACEMENT CHARACTER}"], id="not UTF-8"),
        pytest.param(b"one\n\n", ["one", ""], id="an empty last line"),
        pytest.param(b"no end", ["no end"], id="no end of line"),
        pytest.param("a\u2028b\r\n".encode(), ["a\u2028b\r"], id="other ends of lines"),
        pytest.param(
            b"".join(b"%d\n" % n for n in range(100)), [str(n) for n in range(60, 100)], id="many"
        ),
    ],
)
def test_lines_are_kept_as_a_database_takes_them(log, kept):
    assert read(log, pod(CRASHED))[0].lines == kept


@pytest.mark.parametrize("log", [b"x" * 100_000 + b"the end", b"\xff" * 100_000 + b"the end"])
def test_what_is_too_long_keeps_its_end(log):
    lines = read(log, pod(CRASHED))[0].lines
    assert len("\n".join(lines).encode()) <= 8 * 1024
    assert lines[-1].endswith("the end")


@pytest.fixture
def failing(db: None) -> Rollout:
    """A claimed rollout whose only pod crashes."""
    service = factories.make_deployed_service(factories.make_environment(), name="scorer")
    revision = factories.make_revision(service)
    number = revision.number
    rollout = factories.make_rollout(
        service, from_revision=service.current_revision, to_revision=revision
    )
    factories.make_pod(service, name="scorer-1", revision=number, containers=[CRASHED])
    claimed = claim(str(rollout.pk))
    assert claimed is not None
    return claimed


def fail(rollout: Rollout, phase: Phase, log: bytes = b"out of memory\n") -> list[Any]:
    """Take a claimed rollout to a phase that it fails in; return what was asked of the cluster."""
    found = Finding(phase, Reason.PROGRESS_DEADLINE_EXCEEDED, "0 of 1 new pods are ready.")
    with api_server(log) as (url, asked):
        client = ClusterClient(ClusterAccess(server=url, token="t"))
        commit(rollout, with_last_lines(rollout, found, client))
    return asked


@pytest.mark.parametrize("phase", [Phase.ROLLING_BACK, Phase.FAILED])
def test_a_rollout_that_fails_keeps_what_it_failed_of(failing, phase):
    service = failing.service
    reader = factories.make_member(service.environment.project, Role.VIEWER)
    stranger = factories.make_member(factories.make_project(), Role.ADMIN)
    where = f"/api/v1/rollouts/{failing.pk}"
    assert factories.signed_in(reader).get(where).json()["last_lines"] is None
    fail(failing, phase)
    assert factories.signed_in(reader).get(where).json()["last_lines"] == {
        "pod": "scorer-1",
        "container": "model",
        "lines": ["out of memory"],
    }
    assert factories.signed_in(stranger).get(where).status_code == 404


def test_what_it_failed_of_outlives_the_way_back(failing):
    fail(failing, Phase.ROLLING_BACK)
    returning = claim(str(failing.pk))
    assert returning is not None
    assert fail(returning, Phase.FAILED, b"something else") == []
    failing.refresh_from_db()
    assert failing.last_lines["lines"] == ["out of memory"]


def test_a_rollout_that_goes_on_asks_for_no_log(failing):
    assert fail(failing, Phase.PROGRESSING) == []
    failing.refresh_from_db()
    assert failing.last_lines is None


def test_lists_of_rollouts_leave_the_lines_where_they_are(failing):
    fail(failing, Phase.FAILED)
    with CaptureQueriesContext(connection) as queries:
        assert list(shown_rollouts())
    assert not [query for query in queries if "last_lines" in query["sql"]]
