"""How audit rows look from outside."""

from rest_framework import serializers

from audit.models import AuditEvent


class AuditEventSerializer(serializers.ModelSerializer):
    """Who did what to which object."""

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "at",
            "actor",
            "action",
            "object_kind",
            "object_id",
            "object_name",
            "project",
            "before",
            "after",
            "request_id",
        ]
