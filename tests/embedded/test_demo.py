"""What `make demo` prints."""

from pathlib import Path

import pytest

from embedded.demo import USERS, Demo, print_welcome
from embedded.home import Home
from embedded.tools import Tools


@pytest.mark.parametrize("is_new", [True, False], ids=["first", "later"])
def test_the_welcome_ends_with_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_new: bool
) -> None:
    home = Home(tmp_path)
    home.write_demo(password="p4ssw0rd")
    demo = Demo(home, Tools(tmp_path))
    print_welcome(demo, is_new=is_new)
    said = capsys.readouterr().out
    assert said.rstrip().splitlines()[-1].split() == ["Slipway", demo.url]
    assert all(name in said for name in ("admin", *USERS))
    # It is shown once.
    assert ("p4ssw0rd" in said) == is_new
