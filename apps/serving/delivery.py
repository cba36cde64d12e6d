"""How quickly and how safely a project's versions come online, by the clocks of its rollouts.

Of rollouts that began in a window and have finished. A deployment is a rollout of kind `deploy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.database import planned_for_its_values
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind

# The stretches of a deployment by the moment at which each ends, and the moments it lies between.
STRETCHES: Mapping[str, tuple[str, str]] = {
    "admitted": ("created_at", "admitted_at"),
    "applied": ("admitted_at", "applied_at"),
    "scheduled": ("applied_at", "scheduled_at"),
    "started": ("scheduled_at", "started_at"),
    "first_ready": ("started_at", "first_ready_at"),
    "finished": ("first_ready_at", "finished_at"),
    "total": ("created_at", "finished_at"),
    "from_registration": ("registered_at", "finished_at"),
}
# The rollouts of a `DeliveryQuery`, with where they are and the version that they bring.
LOOKED_AT = """
    FROM serving_rollout rollout
    JOIN serving_modelservice service ON service.id = rollout.service_id
    JOIN projects_environment environment ON environment.id = service.environment_id
    LEFT JOIN serving_revision revision ON revision.id = rollout.to_revision_id
    LEFT JOIN registry_modelversion version ON version.id = revision.version_id
    WHERE rollout.project_id = %(project)s AND rollout.phase = ANY(%(finished)s)
      AND rollout.created_at >= %(since)s AND rollout.created_at < %(until)s
      AND (%(environment)s = '' OR environment.name = %(environment)s)
"""
# Steps of a course: hours of a short window, days of a long one.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST_BY_HOURS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which rollouts are looked at: a project's that began in a window, or those of a part of it.

    A blank environment stands for all of them.
    """

    project_id: int
    since: datetime
    until: datetime
    environment: str = ""

    def values(self) -> dict[str, Any]:
        """Return what statements here are given, with what they call phases and kinds."""
        return {
            "project": self.project_id,
            "since": self.since,
            "until": self.until,
            "environment": self.environment,
            "deploy": RolloutKind.DEPLOY,
            "succeeded": Phase.SUCCEEDED,
            "failed": Phase.FAILED,
            "aborted": Phase.ABORTED,
            "finished": list(FINISHED),
        }


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, of so many times. Units: seconds; None if it was never measured."""

    count: int = 0
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The deployments of a project or a service, and how they ended.

    `recovery` is of rollouts of any kind that failed: from the beginning of one to its own return
    to what was, or to the end of the next that succeeded. `unrecovered` have seen neither yet.
    """

    environment: str | None = None
    service: str | None = None
    succeeded: int = 0
    failed: int = 0
    aborted: int = 0
    stretches: Mapping[str, Took] = field(default_factory=dict)
    recovery: Took = Took()
    unrecovered: int = 0

    @property
    def failed_ratio(self) -> float | None:
        """The share of deployments that failed; who aborts one has decided, not failed."""
        judged = self.succeeded + self.failed
        return self.failed / judged if judged else None


@dataclass(frozen=True, slots=True)
class Step:
    """How the deployments that began in one step of the window ended."""

    at: datetime
    succeeded: int
    failed: int
    aborted: int


def step_of(window: timedelta) -> timedelta:
    """Return how long the steps of a window's course are."""
    return HOUR if window <= LONGEST_BY_HOURS else DAY


def took(seconds: str, counted: str) -> str:
    """Return the SQL of a `Took`; a negative time is of two clocks that differ, and unknown."""
    known = f"FILTER (WHERE {counted} AND {seconds} >= 0)"
    return f"""
        count(*) {known},
        percentile_disc(0.5) WITHIN GROUP (ORDER BY {seconds}) {known},
        percentile_disc(0.9) WITHIN GROUP (ORDER BY {seconds}) {known}
    """


def read_delivery(query: DeliveryQuery) -> tuple[Delivery, list[Delivery]]:
    """Return how a project's deployments went, and how those of each of its services did.

    Services come by the number of their deployments.
    """
    succeeded = "kind = %(deploy)s AND phase = %(succeeded)s"
    statement = """
        WITH seen AS (
            SELECT rollout.*, version.created_at AS registered_at, environment.name AS place,
                   service.name, EXISTS (
                       SELECT FROM serving_rollout earlier
                       JOIN serving_revision before ON before.id = earlier.to_revision_id
                       WHERE earlier.service_id = rollout.service_id
                         AND before.version_id = revision.version_id
                         AND earlier.phase = %(succeeded)s
                         AND earlier.created_at < rollout.created_at
                   ) AS is_again,
                   CASE WHEN rollout.phase != %(failed)s THEN NULL
                        WHEN rollout.rolled_back THEN rollout.finished_at
                        ELSE (
                            SELECT min(later.finished_at) FROM serving_rollout later
                            WHERE later.service_id = rollout.service_id
                              AND later.phase = %(succeeded)s
                              AND later.created_at > rollout.created_at
                        )
                   END AS recovered_at
            {looked_at}
        ), measured AS (
            SELECT seen.*, {seconds},
                   extract(epoch FROM recovered_at - created_at)::float AS to_recover
            FROM seen
        )
        SELECT place, name,
               count(*) FILTER (WHERE kind = %(deploy)s AND phase = %(succeeded)s),
               count(*) FILTER (WHERE kind = %(deploy)s AND phase = %(failed)s),
               count(*) FILTER (WHERE kind = %(deploy)s AND phase = %(aborted)s) AS aborted,
               count(*) FILTER (WHERE phase = %(failed)s AND recovered_at IS NULL),
               {took}
        FROM measured
        GROUP BY GROUPING SETS ((), (service_id, place, name))
        ORDER BY grouping(service_id) DESC,
                 count(*) FILTER (WHERE kind = %(deploy)s) DESC, place, name, service_id
    """
    seconds = ", ".join(
        f"CASE WHEN {not_again(name)} THEN extract(epoch FROM {end} - {begin})::float END"
        f" AS to_{name}"
        for name, (begin, end) in STRETCHES.items()
    )
    parts = [took(f"to_{name}", succeeded) for name in STRETCHES]
    parts.append(took("to_recover", "phase = %(failed)s"))
    statement = statement.format(looked_at=LOOKED_AT, seconds=seconds, took=", ".join(parts))
    with planned_for_its_values(), connection.cursor() as cursor:
        cursor.execute(statement, query.values())
        whole, *services = map(delivery_of, cursor.fetchall())
    return whole, services


def not_again(name: str) -> str:
    """Return when a stretch counts: from its registration, a version comes online only once."""
    return "NOT is_again" if name == "from_registration" else "true"


def delivery_of(row: Sequence[Any]) -> Delivery:
    """Read a row of numbers."""
    place, service, succeeded, failed, aborted, unrecovered, *numbers = row
    times = [Took(*numbers[at : at + 3]) for at in range(0, len(numbers), 3)]
    *stretches, recovery = times
    return Delivery(
        environment=place,
        service=service,
        succeeded=succeeded,
        failed=failed,
        aborted=aborted,
        stretches=dict(zip(STRETCHES, stretches, strict=True)),
        recovery=recovery,
        unrecovered=unrecovered,
    )


def read_course_of_deliveries(query: DeliveryQuery) -> list[Step]:
    """Return how a project's deployments ended, in steps that end with the window."""
    step = step_of(query.until - query.since)
    statement = """
        SELECT step.at,
               count(*) FILTER (WHERE found.phase = %(succeeded)s),
               count(*) FILTER (WHERE found.phase = %(failed)s),
               count(*) FILTER (WHERE found.phase = %(aborted)s)
        FROM generate_series(
            %(until)s - make_interval(secs => %(step)s), %(since)s, -make_interval(secs => %(step)s)
        ) AS step (at)
        LEFT JOIN (
            SELECT rollout.phase, rollout.created_at {looked_at} AND rollout.kind = %(deploy)s
        ) found ON date_bin(make_interval(secs => %(step)s), found.created_at, %(until)s) = step.at
        GROUP BY step.at
        ORDER BY step.at
    """
    with planned_for_its_values(), connection.cursor() as cursor:
        values = {**query.values(), "step": step.total_seconds()}
        cursor.execute(statement.format(looked_at=LOOKED_AT), values)
        return [Step(*row) for row in cursor.fetchall()]
