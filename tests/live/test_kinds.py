"""The dashboard knows every kind of object that the server announces."""

import re

from embedded.home import CHECKOUT

ANNOUNCED = re.compile(r"\bannounce\(\s*\"(\w+)\"")
TABLE = CHECKOUT / "frontend" / "src" / "api" / "shows.ts"


def test_what_is_announced_is_in_the_table_of_what_shows_it() -> None:
    sources = [path.read_text() for path in (CHECKOUT / "apps").rglob("*.py")]
    announced = {kind for source in sources for kind in ANNOUNCED.findall(source)}
    known = re.search(r"KINDS = \[(.*?)\]", TABLE.read_text(), re.DOTALL)
    assert known is not None
    assert announced == set(re.findall(r"\"(\w+)\"", known[1]))
