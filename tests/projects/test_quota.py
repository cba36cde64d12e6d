"""The quota rule: what a change may hold. Tables, properties, and a real race."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.errors import QuotaExceeded
from core.resources import NOTHING, Resources, total
from projects import admission, migrations
from projects.models import Quota, Reservation
from projects.quota import Allowance, Share, admit, headroom
from tests.factories import make_environment

GPU = "nvidia.com/gpu"


def gpus(count: int, product: str = "") -> Share:
    return Share(Resources({GPU: count}), product)


@pytest.mark.parametrize(
    ("limit", "reserved", "held", "wanted", "fits"),
    [
        pytest.param(4, 0, 0, 4, True, id="exactly the limit"),
        pytest.param(4, 0, 0, 5, False, id="one too many"),
        pytest.param(4, 3, 2, 3, True, id="what it holds already counts for it"),
        pytest.param(4, 4, 2, 3, False, id="others hold the rest"),
        pytest.param(2, 4, 3, 3, True, id="limit lowered: it may keep what it has"),
        pytest.param(2, 4, 3, 2, True, id="limit lowered: it may give some back"),
        pytest.param(2, 4, 3, 4, False, id="limit lowered: it may not grow"),
        pytest.param(0, 0, 0, 1, False, id="a limit of zero admits nothing"),
    ],
)
def test_only_growth_beyond_the_limit_is_refused(limit, reserved, held, wanted, fits):
    allowance = Allowance(Resources({GPU: limit}), Resources({GPU: reserved}))
    if fits:
        after = admit(allowance, held=gpus(held), wanted=gpus(wanted))
        assert after.reserved.get(GPU, 0) == reserved - held + wanted
    else:
        with pytest.raises(QuotaExceeded):
            admit(allowance, held=gpus(held), wanted=gpus(wanted))


def test_a_refusal_says_which_resource_how_much_and_what_is_left():
    limits = Resources.parse({"cpu": "4", GPU: "2"})
    reserved = Resources.parse({"cpu": "1", GPU: "1"})
    wanted = Share(Resources.parse({"cpu": "3500m", GPU: "9"}))
    with pytest.raises(QuotaExceeded) as refusal:
        admit(Allowance(limits, reserved), held=Share(), wanted=wanted)
    facts = refusal.value.details
    assert (facts["resource"], facts["requested"], facts["headroom"]) == (GPU, "9", "1")


@pytest.mark.parametrize("name", ["cpu", "memory", "ephemeral-storage", "pods"])
def test_what_every_node_has_is_not_limited_unless_it_is_listed(name):
    after = admit(Allowance(), held=Share(), wanted=Share(Resources({name: 1000})))
    assert after.reserved == {name: 1000}


@pytest.mark.parametrize("name", [GPU, "nvidia.com/mig-1g.5gb", "nvidia.com/gpumem", "rdma/hca"])
def test_what_only_some_nodes_have_is_not_allowed_unless_it_is_listed(name):
    wanted = Share(Resources({name: 1}))
    with pytest.raises(QuotaExceeded, match=f"does not list {name}"):
        admit(Allowance(), held=Share(), wanted=wanted)
    assert admit(Allowance(Resources({name: 1})), held=Share(), wanted=wanted)


def test_what_is_held_may_be_kept_when_it_is_not_listed_any_more():
    allowance = Allowance(Resources({"cpu": 1000}), Resources({GPU: 2}))
    assert admit(allowance, held=gpus(2), wanted=gpus(1)).reserved == {GPU: 1}
    assert headroom(allowance.limits, allowance.reserved) == {"cpu": 1000, GPU: -2}


@pytest.mark.parametrize(
    ("amounts", "cards"),
    [
        pytest.param({GPU: 1, "nvidia.com/gpumem": 3000}, 1, id="a card and MiB of it"),
        pytest.param({GPU: 1, "nvidia.com/gpucores": 30}, 1, id="a card and percent of it"),
        pytest.param({"huawei.com/Ascend910B": 2, "huawei.com/Ascend910B-memory": 16384}, 2),
        pytest.param({GPU: 1, "nvidia.com/hostdev": 4}, 1, id="a card and what is none"),
        pytest.param({"nvidia.com/mig-1g.5gb": 2}, 2, id="slices"),
        pytest.param({"amd.com/gpu": 2}, 2, id="cards of another maker"),
    ],
)
def test_a_limit_of_a_product_counts_cards_and_no_amounts_of_them(amounts, cards):
    wanted = Share(Resources(amounts) * 2, "A10")
    listed = Resources(dict.fromkeys(amounts, 100_000))
    fits, misses = (Allowance(listed, NOTHING, {"A10": cards * 2 - less}) for less in (0, 1))
    after = admit(fits, held=Share(), wanted=wanted)
    assert after.reserved_gpu_products == {"A10": cards * 2}
    with pytest.raises(QuotaExceeded) as refusal:
        admit(misses, held=Share(), wanted=wanted)
    assert refusal.value.details["requested"] == str(cards * 2)


def test_gpus_of_a_product_have_a_limit_of_their_own():
    allowance = Allowance(Resources({GPU: 8}), NOTHING, {"A10": 2}, {"A10": 2})
    assert admit(allowance, held=Share(), wanted=gpus(4, "T4")).reserved_gpu_products["T4"] == 4
    with pytest.raises(QuotaExceeded) as refusal:
        admit(allowance, held=Share(), wanted=gpus(1, "A10"))
    assert refusal.value.details["gpu_product"] == "A10"
    said = refusal.value.message
    assert str(said) == f"This needs 1 more {GPU} on A10, but only 0 of the quota of 2 is left."
    with override("zh-hans"):
        assert str(said) == f"还需要 A10 上 1 的 {GPU}，而配额 2 只剩 0。"


def test_headroom_is_negative_where_the_limit_was_lowered():
    assert headroom(Resources({GPU: 2}), Resources({GPU: 5, "cpu": 1})) == {GPU: -3}


class Ledger(RuleBasedStateMachine):
    """Whatever is asked in whatever order, what is promised is what services hold."""

    services = st.sampled_from("abcd")

    def __init__(self) -> None:
        super().__init__()
        self.allowance = Allowance(Resources({GPU: 6}))
        self.held: dict[str, Share] = {}
        self.was_lowered = False

    @rule(service=services, count=st.integers(0, 8))
    def reserve(self, service: str, count: int) -> None:
        before = self.held.get(service, Share())
        try:
            self.allowance = admit(self.allowance, held=before, wanted=gpus(count))
        except QuotaExceeded:
            return
        self.held[service] = gpus(count)

    @rule(limit=st.integers(0, 8))
    def change_limit(self, limit: int) -> None:
        self.was_lowered |= limit < self.allowance.limits[GPU]
        self.allowance = Allowance(Resources({GPU: limit}), self.allowance.reserved)

    @invariant()
    def promised_is_what_is_held(self) -> None:
        held = total(share.resources for share in self.held.values())
        assert self.allowance.reserved.get(GPU, 0) == held.get(GPU, 0)

    @invariant()
    def limit_holds_unless_it_was_lowered(self) -> None:
        reserved = self.allowance.reserved.get(GPU, 0)
        assert self.was_lowered or reserved <= self.allowance.limits[GPU]


TestLedger = Ledger.TestCase


@given(st.integers(0, 5), st.integers(0, 5))
def test_releasing_gives_back_exactly_what_was_held(first, second):
    allowance = Allowance(Resources({GPU: 10}))
    allowance = admit(allowance, held=Share(), wanted=gpus(first))
    allowance = admit(allowance, held=Share(), wanted=gpus(second))
    allowance = admit(allowance, held=gpus(first), wanted=Share())
    assert allowance.reserved.get(GPU, 0) == second


@pytest.mark.django_db(transaction=True)
def test_of_sixty_four_at_once_exactly_the_limit_is_admitted():
    environment = make_environment(limits=Resources({GPU: 40}))

    def attempt(_: int) -> bool:
        try:
            with transaction.atomic():
                admission.locked_ledger(environment.pk, uuid4()).reserve(gpus(1))
        except QuotaExceeded:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as pool:
        admitted = list(pool.map(attempt, range(64)))
    assert sum(admitted) == 40
    assert Quota.objects.get(environment=environment).reserved == {GPU: 40}
    assert Reservation.objects.count() == 40


@pytest.mark.django_db
def test_reserving_again_changes_nothing_and_releasing_leaves_nothing():
    environment, service = make_environment(limits=Resources({GPU: 4})), uuid4()
    for _ in range(3):
        admission.locked_ledger(environment.pk, service).reserve(gpus(2, "A10"))
    quota = Quota.objects.get(environment=environment)
    assert (quota.reserved, quota.reserved_gpu_products) == ({GPU: 2}, {"A10": 2})
    admission.locked_ledger(environment.pk, service).reserve(Share())
    quota.refresh_from_db()
    assert (quota.reserved, quota.reserved_gpu_products) == ({}, {})
    assert not Reservation.objects.exists()


@pytest.mark.django_db
def test_what_runs_is_booked_even_beyond_the_limit():
    environment, service = make_environment(limits=Resources({GPU: 4})), uuid4()
    Quota.objects.filter(environment=environment).update(gpu_products={"A10": 4})
    admission.locked_ledger(environment.pk, uuid4()).reserve(gpus(4, "A10"))
    with pytest.raises(QuotaExceeded):
        admission.locked_ledger(environment.pk, service).reserve(gpus(2, "A10"))
    admission.record_reservation(environment.pk, service, gpus(2, "A10"))
    quota = Quota.objects.get(environment=environment)
    assert (quota.reserved, quota.reserved_gpu_products) == ({GPU: 6}, {"A10": 6})


@pytest.mark.django_db
def test_what_was_reserved_of_products_by_a_prefix_is_counted_anew():
    held = Resources({GPU: 2, "nvidia.com/gpumem": 3000})
    environment, service = make_environment(limits=held), uuid4()
    share = Share(held, "A10")
    admission.locked_ledger(environment.pk, service).reserve(share)
    quotas = Quota.objects.filter(environment=environment)
    quotas.update(reserved_gpu_products={"A10": 3002, "T4": 4})
    (file,) = Path(migrations.__path__[0]).glob("*_recount_gpu_products.py")
    import_module(f"projects.migrations.{file.stem}").recount(apps, None)
    assert quotas.get().reserved_gpu_products == {"A10": 2}
    admission.locked_ledger(environment.pk, service).reserve(Share())
    assert quotas.get().reserved_gpu_products == {}


@pytest.mark.django_db
def test_what_runs_is_booked_however_much_it_is():
    environment, service = make_environment(limits=Resources({GPU: 4})), uuid4()
    huge = Share(Resources({"memory": 2**66}))
    admission.record_reservation(environment.pk, service, huge)
    assert admission.reserved_by(service) == huge
    assert Quota.objects.get(environment=environment).reserved == {"memory": 2**66}
