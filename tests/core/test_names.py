"""Names that are read as the name of somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import is_drawn, pretends, skeleton


@pytest.mark.parametrize(
    "name",
    [
        "slipway",
        "SLIPWAY",
        "sIipway",
        "s1ipway",
        "ѕlірwау",
        "ｓｌｉｐｗａｙ",
        "slip-way",
        "sĺipway",
        "System",
    ],
)
def test_the_systems_name_is_the_systems_own(name: str) -> None:
    assert pretends(name)
    assert pretends(name, is_of_rank=True)


@pytest.mark.parametrize(
    "name", ["admin", "Admin", "аdmin", "adm1n", "root", "platform-admin", "r00t"]
)
def test_a_name_of_rank_is_for_those_who_have_it(name: str) -> None:
    assert pretends(name)
    assert not pretends(name, is_of_rank=True)


@pytest.mark.parametrize("name", ["ada", "ci-bot", "admin-of-fraud", "李明", "systemd", "Müller"])
def test_other_names_are_free(name: str) -> None:
    assert not pretends(name)
    assert is_drawn(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "ada"), ("аdа", "ada"), ("ａｄａ", "ada"), ("ΑDΑ", "ada"), ("straße", "STRASSE")],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("lan", "ian"), ("müller", "muller"), ("李", "季")])
def test_names_that_are_told_apart_have_two(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    "name",
    [
        "ada\u200b",
        "\u2066ada",
        "a\u00adda",
        "ada\u3164",
        "ada\ufe0f",
        "ada\u00a0",
        " ada",
        "a  da",
        "\tada",
        ""[:0] + "ada\x00",
    ],
)
def test_what_cannot_be_seen_is_found(name: str) -> None:
    assert not is_drawn(name)


@given(st.text(max_size=30))
def test_a_skeleton_has_itself_as_its_skeleton(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)
