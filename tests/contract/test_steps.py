"""Canary and blue-green against a real cluster: what runs at each step, and who owns it then."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT, POD, SERVICE
from clusters.models import Workload
from core.waiting import wait_until
from serving.models import ModelService, Rollout

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watched(mirror, caller, client, service) -> "Watched":
    return Watched(caller, client, service)


class Watched:
    """A service, its callers, and what its cluster has of it."""

    def __init__(self, caller, client, service: ModelService) -> None:
        self.caller, self.client, self.service = caller, client, service
        self.namespace = service.environment.namespace

    def deploy(self, version: str, **asked: Any) -> Any:
        return self.caller.post(f"{self.caller.service}/rollouts", {"version": version, **asked})

    def deployed(self, version: str, **asked: Any) -> Any:
        ended = self.caller.end(self.deploy(version, **asked))
        assert ended["phase"] == "Succeeded", ended
        return ended

    def until(self, rollout: Any, is_so: Any, seconds: float = 20) -> Any:
        """Work until the rollout is as wanted; return it as shown then."""

        def look() -> Any:
            shown = self.caller.work(rollout)
            return shown if is_so(shown) else None

        shown = wait_until(look, timeout_seconds=seconds)
        assert shown is not None, self.caller.rollout(rollout)
        return shown

    def promote(self, rollout: Any, **asked: Any) -> Any:
        return self.caller.post(f"/api/v1/rollouts/{rollout['id']}/promote", asked, expect=200)

    def deployment(self, suffix: str = "") -> Any:
        body = self.client.get(DEPLOYMENT, self.namespace, f"{self.service.name}{suffix}")
        return orjson.loads(body) if body else None

    def selector(self) -> Any:
        found = self.client.get(SERVICE, self.namespace, self.service.name)
        return orjson.loads(found)["spec"]["selector"]

    def pods(self) -> dict[str, str]:
        """Return the revision of each pod that is not going away, by its uid."""
        items = orjson.loads(self.client.list(POD, self.namespace))["items"]
        return {
            item["metadata"]["uid"]: item["metadata"]["labels"].get("slipway.dev/revision", "")
            for item in items
            if "deletionTimestamp" not in item["metadata"]
        }


def waits(shown: Any) -> bool:
    return bool(shown["reason"] == "AwaitingPromotion")


CANARY = {"type": "canary", "steps": [{"weight": 25}, {"pause": None}, {"weight": 50}]}


def test_a_canary_goes_by_steps_and_no_pod_starts_twice(watched):
    watched.deployed("1", replicas=4)
    rollout = watched.deploy("2", strategy=CANARY)
    shown = watched.until(rollout, waits)
    assert shown["phase"] == "Paused"
    assert shown["step"] == 1
    assert shown["traffic"] == {
        "by": "replica_ratio",
        "share": 0.25,
        "candidate_ready": 1,
        "running_ready": 3,
    }
    assert sorted(watched.pods().values()) == ["1", "1", "1", "2"]
    [first] = [uid for uid, revision in watched.pods().items() if revision == "2"]
    watched.promote(rollout)
    ended = watched.caller.end(rollout)
    assert ended["phase"] == "Succeeded", ended
    pods = watched.pods()
    assert sorted(pods.values()) == ["2"] * 4
    assert first in pods, "the pods of the canary are handed over as they are"
    assert watched.deployment(".candidate") is None
    assert watched.deployment()["status"]["readyReplicas"] == 4
    again = watched.deployed("3", strategy={"type": "rolling"})
    assert again["phase"] == "Succeeded"
    assert sorted(watched.pods().values()) == ["3"] * 4


def test_a_canary_that_is_aborted_leaves_what_ran_before(watched):
    watched.deployed("1", replicas=4)
    before = watched.pods()
    rollout = watched.deploy("2", strategy=CANARY)
    watched.until(rollout, waits)
    path = f"/api/v1/rollouts/{rollout['id']}/abort"
    watched.caller.post(path, {}, expect=200)
    ended = watched.caller.end(rollout)
    assert (ended["phase"], ended["rolled_back"]) == ("Aborted", True), ended
    assert ended["traffic"] is None
    pods = watched.pods()
    assert sorted(pods.values()) == ["1"] * 4
    assert len(before.keys() & pods.keys()) == 3, "only the pod that made room is new"
    assert watched.deployment(".candidate") is None
    assert watched.caller.get(watched.caller.service)["desired_replicas"] == 4


def test_a_candidate_that_never_gets_ready_returns_by_itself(watched):
    watched.deployed("1", replicas=4)
    nowhere = {"node_selector": {"slipway.dev/test": "no-such-node"}}
    rollout = watched.deploy("2", strategy=CANARY, **nowhere)
    ended = watched.caller.end(rollout)
    assert (ended["phase"], ended["rolled_back"]) == ("Failed", True), ended
    assert sorted(watched.pods().values()) == ["1"] * 4
    assert watched.deployment(".candidate") is None


BLUE_GREEN = {"type": "blue_green", "steps": [{"pause": None}]}


def test_blue_green_has_both_whole_before_requests_are_switched(watched):
    watched.deployed("1", replicas=2)
    rollout = watched.deploy("2", strategy=BLUE_GREEN)
    shown = watched.until(rollout, waits)
    assert sorted(watched.pods().values()) == ["1", "1", "2", "2"]
    assert watched.selector()["slipway.dev/revision"] == "1"
    assert shown["traffic"]["by"] == "service_selector"
    assert shown["traffic"]["share"] == 0
    watched.promote(rollout)
    ended = watched.caller.end(rollout)
    assert ended["phase"] == "Succeeded", ended
    assert sorted(watched.pods().values()) == ["2", "2"]
    assert "slipway.dev/revision" not in watched.selector()
    assert watched.deployment(".candidate") is None


def test_blue_green_that_is_aborted_never_switched(watched):
    watched.deployed("1", replicas=2)
    before = watched.pods()
    rollout = watched.deploy("2", strategy=BLUE_GREEN)
    watched.until(rollout, waits)
    watched.caller.post(f"/api/v1/rollouts/{rollout['id']}/abort", {}, expect=200)
    ended = watched.caller.end(rollout)
    assert (ended["phase"], ended["rolled_back"]) == ("Aborted", True), ended
    assert watched.pods() == before
    assert "slipway.dev/revision" not in watched.selector()
    assert watched.deployment(".candidate") is None


def test_full_promotion_skips_what_is_left(watched):
    watched.deployed("1", replicas=2)
    steps = [{"weight": 50}, {"pause": "1h"}, {"weight": 60}, {"pause": None}]
    rollout = watched.deploy("2", strategy={"type": "canary", "steps": steps})
    watched.until(rollout, lambda shown: shown["reason"] == "StepPause")
    watched.promote(rollout, full=True)
    ended = watched.caller.end(rollout)
    assert ended["phase"] == "Succeeded", ended
    assert sorted(watched.pods().values()) == ["2", "2"]


def test_a_pause_that_is_longer_than_the_deadline_is_no_failure(watched):
    watched.deployed("1", replicas=2)
    steps = [{"weight": 50}, {"pause": "12s"}]
    strategy = {"type": "canary", "steps": steps}
    rollout = watched.deploy("2", strategy=strategy, progress_deadline_seconds=10)
    ended = watched.caller.end(rollout)
    assert ended["phase"] == "Succeeded", ended


def test_one_pod_is_tried_beside_the_other(watched):
    watched.deployed("1", replicas=1)
    rollout = watched.deploy("2", strategy=CANARY)
    shown = watched.until(rollout, waits)
    assert shown["traffic"]["share"] == 0.5
    assert sorted(watched.pods().values()) == ["1", "2"]
    watched.promote(rollout)
    ended = watched.caller.end(rollout)
    assert ended["phase"] == "Succeeded", ended
    assert sorted(watched.pods().values()) == ["2"]


def test_a_canary_may_change_how_many_pods_there_are(watched):
    watched.deployed("1", replicas=2)
    rollout = watched.deploy("2", replicas=4, strategy=CANARY)
    shown = watched.until(rollout, waits)
    assert sorted(watched.pods().values()) == ["1", "2"]
    assert [step["share"] for step in shown["steps"]] == [0.5, 0.5, pytest.approx(2 / 3)]
    watched.promote(rollout)
    assert watched.caller.end(rollout)["phase"] == "Succeeded"
    assert sorted(watched.pods().values()) == ["2"] * 4


class Killed(BaseException):
    """A worker dies: no handler of errors sees it."""


class Mortal:
    """Has a worker die right after each write to the cluster that none has made before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes: set[Any] = set()
        request = ClusterClient.request

        def dying(client: ClusterClient, method: str, path: str, **options: Any) -> bytes:
            answer = request(client, method, path, **options)
            write = method, path, options.get("body"), str(options.get("query"))
            if method in ("PATCH", "DELETE", "POST") and write not in self.writes:
                self.writes.add(write)
                raise Killed
            return answer

        monkeypatch.setattr(ClusterClient, "request", dying)


@pytest.mark.parametrize("strategy", [CANARY, BLUE_GREEN], ids=["canary", "blue_green"])
@pytest.mark.parametrize("verb", ["promote", "abort"])
def test_workers_that_die_after_each_write_lose_no_pod_and_double_no_step(
    watched, monkeypatch, strategy, verb
):
    watched.deployed("1", replicas=4)
    rollout = watched.deploy("2", strategy=strategy)

    def until(is_so: Any) -> Any:
        def look() -> Any:
            try:
                shown = watched.caller.work(rollout)
            except Killed:
                # What the dead held is free once its lease has ended.
                Rollout.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
                return None
            return shown if is_so(shown) else None

        shown = wait_until(look, timeout_seconds=40)
        assert shown is not None, watched.caller.rollout(rollout)
        return shown

    with monkeypatch.context() as patches:
        mortal = Mortal(patches)
        until(waits)
        watched.caller.post(f"/api/v1/rollouts/{rollout['id']}/{verb}", {}, expect=200)
        ended = until(lambda shown: shown["finished"])
    last = {"promote": ("Succeeded", "2"), "abort": ("Aborted", "1")}
    assert (ended["phase"], *set(watched.pods().values())) == last[verb], ended
    assert len(watched.pods()) == 4
    assert watched.deployment(".candidate") is None
    waited = [one for one in ended["timeline"] if one["reason"] == "AwaitingPromotion"]
    assert len(waited) == 1
    assert len(mortal.writes) >= 4


def test_a_candidate_that_is_lost_while_it_waits_goes_back_by_itself(watched, kubectl):
    watched.deployed("1", replicas=4)
    rollout = watched.deploy("2", strategy=CANARY)
    watched.until(rollout, waits)
    kubectl("scale", "deployment/scorer.candidate", "--replicas=0")
    lost = watched.until(rollout, lambda shown: shown["traffic"]["candidate_ready"] == 0)
    assert lost["phase"] == "Paused", "it has its deadline to come back"
    ended = watched.caller.end(rollout)
    assert (ended["phase"], ended["rolled_back"]) == ("Failed", True), ended
    assert ended["reason"] == "ProgressDeadlineExceeded"
    assert sorted(watched.pods().values()) == ["1"] * 4


def test_an_abort_in_the_middle_of_a_handover_finds_its_way_back(watched, monkeypatch):
    watched.deployed("1", replicas=4)
    rollout = watched.deploy("2", strategy={"type": "canary", "steps": [{"weight": 50}]})
    delete = ClusterClient.delete

    def dying(*args: Any, **options: Any) -> Any:
        delete(*args, **options)
        raise Killed

    with monkeypatch.context() as patches:
        patches.setattr(ClusterClient, "delete", dying)
        with pytest.raises(Killed):
            watched.until(rollout, lambda shown: shown["finished"])
    assert watched.deployment(".candidate") is not None
    Rollout.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    watched.caller.post(f"/api/v1/rollouts/{rollout['id']}/abort", {}, expect=200)
    ended = watched.caller.end(rollout)
    assert (ended["phase"], ended["rolled_back"]) == ("Aborted", True), ended
    assert sorted(watched.pods().values()) == ["1"] * 4
    assert watched.deployment(".candidate") is None


def test_a_strangers_deployment_of_that_name_is_left_alone(watched, kubectl):
    watched.deployed("1", replicas=4)
    kubectl("create", "deployment", "scorer.candidate", "--image=example.com/theirs:1")
    theirs = watched.deployment(".candidate")
    ended = watched.caller.end(watched.deploy("2", strategy=CANARY))
    assert (ended["phase"], ended["reason"]) == ("Failed", "NameTaken"), ended
    assert watched.deployment(".candidate")["spec"] == theirs["spec"]
    assert watched.caller.get(watched.caller.service)["drift"] == []
    revisions = [revision for revision in watched.pods().values() if revision]
    assert revisions == ["1"] * 4


@pytest.mark.parametrize("strategy", [CANARY, {"type": "rolling"}], ids=["canary", "rolling"])
def test_what_a_rollout_could_not_take_away_goes_with_the_next(watched, strategy):
    watched.deployed("1", replicas=4)
    rollout = watched.deploy("2", strategy=CANARY)
    watched.until(rollout, waits)
    now = timezone.now()
    Rollout.objects.filter(pk=rollout["id"]).update(
        phase="Failed", finished_at=now, next_run_at=None, reason="RollbackFailed"
    )
    ModelService.objects.filter(pk=watched.service.pk).update(applied=[])
    if strategy is CANARY:
        # The mirror has not seen it yet; a worker that goes by steps looks for itself.
        Workload.objects.filter(name__endswith=".candidate").delete()
    after = watched.deploy("3", strategy=strategy)
    if strategy is CANARY:
        watched.until(after, waits)
        assert sorted(watched.pods().values()) == ["1", "1", "1", "3"]
        watched.promote(after, full=True)
    ended = watched.caller.end(after)
    assert ended["phase"] == "Succeeded", ended
    assert sorted(watched.pods().values()) == ["3"] * 4
    assert watched.deployment(".candidate") is None
