"""Only declared filters and orderings; anything else is refused."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as django_filters
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request

from core.api.documents import NUL
from core.messages import Message

LIST_PARAMETERS = {"limit", "cursor", "ordering"}
FLAGS = {"true": True, "1": True, "false": False, "0": False}


class StrictFilterBackend(django_filters.DjangoFilterBackend):
    """django-filter that answers 400 to a parameter it does not know."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset_class = self.get_filterset_class(view, queryset)
        declared = set(filterset_class.base_filters) if filterset_class else set()
        refuse_unknown_parameters(request, declared | LIST_PARAMETERS)
        if not declared & set(request.query_params):
            # A form that is asked nothing keeps every row.
            return queryset
        filtered: QuerySet = super().filter_queryset(request, queryset, view)
        return filtered


class FlagField(forms.Field):
    """A parameter that is true or false; the framework's own takes any other word for neither."""

    def to_python(self, value: str | None) -> bool | None:
        if not value:
            return None
        flag = flag_of(value)
        if flag is None:
            raise forms.ValidationError(str(Message("This is true or false.")))
        return flag


class FlagFilter(django_filters.BooleanFilter):
    """Keeps rows of which something is true, or false."""

    field_class = FlagField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput, **options)


class MomentField(forms.Field):
    """A time with its zone; without one, whose time it is would be a guess."""

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        try:
            moment = parse_datetime(value.strip())
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            sentence = Message("This is a time with its zone, such as 2026-11-30T09:00:00Z.")
            raise forms.ValidationError(str(sentence))
        return moment


class MomentFilter(django_filters.IsoDateTimeFilter):
    """Keeps rows by a time."""

    field_class = MomentField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput, **options)


def flag_of(text: str) -> bool | None:
    """Return whether a text says true or false; None for anything else."""
    return FLAGS.get(text.lower())


class StrictOrderingFilter(OrderingFilter):
    """`?ordering=` of the view's `ordering_fields`; another field is a 400.

    They may be a mapping from what is asked for to the column behind it. What is equal by what was
    asked for is in the list's own order, or, if that is turned round, in that turned round.
    """

    # The framework's own default is every field that a view shows.
    ordering_fields: Sequence[str] = ()

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        has_orders = bool(getattr(view, "ordering_fields", self.ordering_fields))
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        return parameters if has_orders else []

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> Any:
        asked = [t for t in request.query_params.get(self.ordering_param, "").split(",") if t]
        allowed = {name for name, _ in self.get_valid_fields(queryset, view, {"request": request})}
        unknown = [term for term in asked if term.strip().lstrip("-") not in allowed]
        if unknown:
            raise ValidationError({"ordering": str(orders_of_list(allowed))})
        default = self.get_default_ordering(view)
        columns = [column_of(term.strip(), view) for term in asked]
        return total_order(columns, default or ()) if columns else default


def orders_of_list(fields: Collection[str]) -> Message:
    """Say by what a list can be ordered."""
    if not fields:
        return Message("This list has only one order.")
    return Message("This list can be ordered by: %(fields)s.", fields=", ".join(sorted(fields)))


def column_of(term: str, view: Any) -> str:
    """Return a term of an ordering in the words of the database."""
    name = term.lstrip("-")
    fields = view.ordering_fields
    column = fields[name] if isinstance(fields, Mapping) else name
    return f"-{column}" if term.startswith("-") else column


def total_order(asked: Sequence[str], default: Sequence[str]) -> list[str]:
    """Return an ordering in which no two rows are equal, which one index can serve both ways."""
    first = asked[0]
    is_turned = turned(first) in default or (first.startswith("-") and first not in default)
    named = {term.lstrip("-") for term in asked}
    rest = [term for term in default if term.lstrip("-") not in named]
    return [*asked, *map(turned, rest)] if is_turned else [*asked, *rest]


def turned(term: str) -> str:
    """Return a term of an ordering the other way round."""
    return term.removeprefix("-") if term.startswith("-") else f"-{term}"


def refuse_unknown_parameters(request: Request, declared: set[str]) -> None:
    """Answer 400 to the first query parameter that is not declared."""
    for name in request.query_params:
        if name not in declared:
            known = ", ".join(sorted(declared))
            raise ValidationError(
                {name: str(Message("Unknown parameter. Known here: %(known)s.", known=known))}
            )


def refuse_nul(request: Request, names: Mapping[str, object]) -> None:
    """Answer 404 to a path, and 400 to a parameter, with a NUL: the database cannot keep it."""
    if any(NUL in str(name) for name in names.values()):
        raise NotFound
    for name, texts in request.query_params.lists():
        if NUL in name or any(NUL in text for text in texts):
            raise ValidationError({name: str(Message("Null characters are not allowed."))})
