"""Checks that the audit is what was written: every row is hashed again, in order."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

# What is hashed of a row, as the database's `audit_content` has it. The hash is computed here, so
# that replacing that function is found out too.
CONTENT = """to_json(ARRAY[
    event.id::text, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    event.actor, event.actor_kind, event.actor_token, event.token_prefix, event.user_id::text,
    event.action, event.object_kind, event.object_id, event.object_name,
    event.project, event.project_id::text, event.before::text, event.after::text,
    event.request_id, host(event.address), event.user_agent
  ])::text"""
LINKS = f"""
SELECT link.position, link.event_id, link.previous, link.digest, event.id, {CONTENT}
FROM audit_auditlink link LEFT JOIN audit_auditevent event ON event.id = link.event_id
WHERE link.position > %s ORDER BY link.position LIMIT %s
"""  # noqa: S608  (no value is in it)
UNCHAINED = """
SELECT min(event.id) FROM audit_auditevent event
LEFT JOIN audit_auditlink link ON link.event_id = event.id WHERE link.position IS NULL
"""
READ_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """A row's place in the chain; `content` is the row as it is now, None if it is gone."""

    position: int
    row: int
    previous: bytes
    digest: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain holds, the digest of the last row that does, and what breaks it."""

    rows: int
    digest: str
    broken: str = ""


def verify() -> Verification:
    """Walk the whole chain, in constant memory."""
    digest, rows = b"", 0
    for link in links():
        broken = breakage(link, after=digest, position=rows + 1)
        if broken:
            return Verification(rows, digest.hex(), broken)
        digest, rows = link.digest, link.position
    stray = unchained()
    return Verification(rows, digest.hex(), f"Row {stray} is not in the chain." if stray else "")


def breakage(link: Link, *, after: bytes, position: int) -> str:
    """Say what is wrong with a link that follows the digest `after`; empty if it holds."""
    if link.position != position:
        return f"The row at position {position} is missing; row {link.row} follows."
    if link.content is None:
        return f"Row {link.row} is missing; it was at position {position}."
    if link.previous != after:
        return f"Row {link.row} does not hold the hash of the row before it."
    if link.digest != hashlib.sha256(after + link.content).digest():
        return f"Row {link.row} is not what was written."
    return ""


def links() -> Iterator[Link]:
    """Yield the chain from its beginning."""
    position = 0
    while page := fetch(LINKS, position, READ_AT_ONCE):
        for position, row, previous, digest, event, content in page:
            text = None if event is None else content.encode()
            yield Link(position, row, bytes(previous), bytes(digest), text)


def unchained() -> int | None:
    """Return the first row that was inserted bypassing the chain."""
    [(row,)] = fetch(UNCHAINED)
    return row  # type: ignore[no-any-return]


def fetch(query: str, *values: int) -> list[tuple]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple] = cursor.fetchall()
    return rows
