"""Finds objects by a part of their names: one statement per kind, however many there are."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
from typing import Any

from django.db import connection
from django.db.models import Case, Q, QuerySet, Value, When

from accounts.models import User
from clusters.models import Node
from core.database import planned_for_its_values
from projects.models import Project, visible_to
from registry.models import RegisteredModel
from serving.models import ModelService

# How many objects of a kind are named.
MOST_FOUND = 8
LONGEST_TEXT = 100
IS_NAME, IS_BEGINNING, IS_PART = range(3)
# A version's name is found by how it begins; by what else it holds only among a model's newest.
NEWEST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object of this name, and where it is; `rank` tells how well the name fits."""

    object: str
    name: str
    rank: int
    title: str = ""
    project: str = ""
    environment: str = ""
    model: str = ""
    cluster: str = ""


@planned_for_its_values()
def find_objects(text: str, user: User) -> list[FoundObject]:
    """Return what an account may see whose name holds a text, the best fit of all kinds first."""
    found = [
        *projects_found(text, user),
        *services_found(text, user),
        *models_found(text, user),
        *versions_found(text.lower(), user),
        *nodes_found(text),
    ]
    return sorted(found, key=attrgetter("rank"))


def projects_found(part: str, user: User) -> Iterator[FoundObject]:
    """Find projects by either of their names."""
    found = best_first(Project.objects.visible_to(user), part, "display_name")
    for name, rank, title in found.values_list("name", "rank", "display_name")[:MOST_FOUND]:
        yield FoundObject("project", name, rank, title=title)


def services_found(part: str, user: User) -> Iterator[FoundObject]:
    """Find model services."""
    place = ("project__name", "environment__name")
    found = best_first(ModelService.objects.visible_to(user), part)
    for name, rank, *where in found.values_list("name", "rank", *place)[:MOST_FOUND]:
        yield FoundObject("service", name, rank, project=where[0], environment=where[1])


def models_found(part: str, user: User) -> Iterator[FoundObject]:
    """Find models."""
    visible = RegisteredModel.objects.filter(visible_to(user, project="project"))
    found = best_first(visible, part)
    for name, rank, project in found.values_list("name", "rank", "project__name")[:MOST_FOUND]:
        yield FoundObject("model", name, rank, project=project)


def nodes_found(part: str) -> Iterator[FoundObject]:
    """Find nodes, which everybody may see."""
    found = best_first(Node.objects.all(), part)
    for name, rank, cluster in found.values_list("name", "rank", "cluster__name")[:MOST_FOUND]:
        yield FoundObject("node", name, rank, cluster=cluster)


def best_first(rows: QuerySet[Any], part: str, *others: str) -> QuerySet[Any]:
    """Keep rows with a text in their name, or in one of the others, the best fit first."""
    names = ("name", *others)
    found: QuerySet[Any] = (
        rows.filter(any_of(names, "icontains", part))
        .annotate(
            rank=Case(
                When(any_of(names, "iexact", part), then=Value(IS_NAME)),
                When(any_of(names, "istartswith", part), then=Value(IS_BEGINNING)),
                default=Value(IS_PART),
            )
        )
        .order_by("rank", "name", "pk")
    )
    return found


def any_of(names: Iterable[str], lookup: str, part: str) -> Q:
    """Return the condition that one of the names meets a lookup."""
    return reduce(or_, (Q(**{f"{name}__{lookup}": part}) for name in names))


def versions_found(part: str, user: User) -> Iterator[FoundObject]:
    """Find versions by their own name, or by `model:version`, the newest first of equal fits.

    A model may have a hundred thousand: of each, an index leads to a few.
    """
    model, _, version = part.rpartition(":")
    with connection.cursor() as cursor:
        cursor.execute(
            FIND_VERSIONS,
            {
                "model": f"%{literal(model)}%",
                "version": version,
                "prefix": f"{literal(version)}%",
                "part": f"%{literal(version)}%",
                "newest": NEWEST_VERSIONS,
                "most": MOST_FOUND,
                "all": user.is_superuser,
                "user": user.pk,
            },
        )
        for name, rank, of_model, project in cursor.fetchall():
            yield FoundObject("version", name, rank, project=project, model=of_model)


def literal(text: str) -> str:
    """Return a text as a pattern of LIKE that matches only itself."""
    return re.sub(r"([\\%_])", r"\\\1", text)


# `lower(version) COLLATE "C"` is what the index `versions_by_name` holds.
FIND_VERSIONS = """
    SELECT found.version,
        CASE WHEN lower(found.version) = %(version)s THEN 0
             WHEN starts_with(lower(found.version), %(version)s) THEN 1 ELSE 2 END AS rank,
        model.name, project.name
    FROM registry_registeredmodel model
    JOIN projects_project project ON project.id = model.project_id
    CROSS JOIN LATERAL (
        (SELECT id, version FROM registry_modelversion
         WHERE model_id = model.id AND lower(version) COLLATE "C" = %(version)s
         LIMIT %(most)s)
        UNION
        (SELECT id, version FROM registry_modelversion
         WHERE model_id = model.id AND lower(version) COLLATE "C" LIKE %(prefix)s
         ORDER BY lower(version) COLLATE "C" DESC LIMIT %(most)s)
        UNION
        (SELECT id, version FROM (
            SELECT id, version FROM registry_modelversion WHERE model_id = model.id
            ORDER BY created_at DESC, id DESC LIMIT %(newest)s) newest
         WHERE lower(version) LIKE %(part)s)
    ) found
    WHERE model.name LIKE %(model)s AND (%(all)s OR model.project_id IN (
        SELECT project_id FROM projects_membership WHERE user_id = %(user)s))
    ORDER BY rank, found.id DESC LIMIT %(most)s
"""
