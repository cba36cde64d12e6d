"""The audit, as a list or exported whole as lines: what was done in every app, by anybody."""

from collections.abc import AsyncIterator, Sequence

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework.request import Request

from accounts.api import ApiViewSet
from accounts.standing import credential_of, users_of
from audit.models import AuditEvent
from core.api.filters import MomentFilter
from core.api.pages import ListMixin
from core.api.renderers import JSONRenderer, LinesRenderer
from core.errors import Invalid
from core.messages import Message
from core.places import EXPORTS, Place
from overview.serializers import AuditEventSerializer
from projects.models import Project

EXPORTED_AT_ONCE = 500
PAGING = {"limit", "cursor"}


class AuditEventFilter(filters.FilterSet):
    """Filters audit rows by project, actor, action, object and time.

    A name means the project that has it now; only if none has it, those that had it.
    """

    project = filters.CharFilter(method="of_project")
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEvent
        fields = [
            "project",
            "project_id",
            "actor",
            "actor_kind",
            "action",
            "object_kind",
            "object_id",
        ]

    def of_project(self, rows: QuerySet[AuditEvent], _: str, name: str) -> QuerySet[AuditEvent]:
        found = Project.objects.filter(name=name).first()
        return rows.filter(project_id=found.pk) if found else rows.filter(project=name)


class AuditEventViewSet(ListMixin, ApiViewSet):
    """Every change in the caller's projects; platform admins see all."""

    serializer_class = AuditEventSerializer
    filterset_class = AuditEventFilter
    renderer_classes = [JSONRenderer, LinesRenderer]
    ordering = ["-id"]

    def list(self, request: Request) -> HttpResponseBase:  # type: ignore[override]
        if not isinstance(request.accepted_renderer, LinesRenderer):
            return super().list(request)
        if PAGING & set(request.query_params):
            raise Invalid(Message("An export has no pages. Ask for it without limit and cursor."))
        headers = {"Content-Disposition": 'attachment; filename="audit.ndjson"'}
        place = EXPORTS.take(self.user.pk)
        return StreamingHttpResponse(
            self.exported(self.next_rows(None), place),
            content_type=LinesRenderer.media_type,
            headers=headers,
        )

    async def exported(self, rows: Sequence[AuditEvent], place: Place) -> AsyncIterator[bytes]:
        """Yield every row as a line, the newest first, a few hundred of them in memory."""
        render = LinesRenderer().render
        with place:
            while rows:
                shown = self.get_serializer(rows, many=True).data
                yield b"".join(render(row) + b"\n" for row in shown)
                rows = await sync_to_async(self.next_rows)(rows[-1])

    def next_rows(self, last: AuditEvent | None) -> Sequence[AuditEvent]:
        """Return the rows that follow one, as far as the caller may still see them.

        The connection is given back in between, so that a slow reader holds none.
        """
        try:
            came_with = credential_of(self.request)
            user = users_of([came_with], now=timezone.now()).get(came_with)
            if user is None:
                return []
            self.request.user = user
            rows = self.filter_queryset(self.get_queryset())
            older = rows.filter(pk__lt=last.pk) if last else rows
            return [*older[:EXPORTED_AT_ONCE]]
        finally:
            if not connection.in_atomic_block:
                connection.close()

    def get_queryset(self) -> QuerySet[AuditEvent]:
        if self.request.user.is_superuser:
            return AuditEvent.objects.all()
        visible = Project.objects.visible_to(self.request.user).values("pk")
        return AuditEvent.objects.filter(project_id__in=visible)
