"""How projects look from outside."""

import re
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiToken
from accounts.serializers import TokenScopeSerializer, UserSerializer
from clusters.models import Cluster
from clusters.serializers import DriftSerializer
from core.api.fields import BoundedDict, ResourceListField
from core.api.serializers import ModelSerializer, Serializer
from core.messages import Message
from core.names import DNS_LABEL, validate_dns_label
from core.resources import CPU, MEMORY, PODS, Resources
from projects.models import BOUNDS, DEFAULT_PODS, Environment, Membership, Project, Quota, Role
from projects.quota import headroom

LARGEST_GPU_LIMIT, MOST_ENVIRONMENTS, MOST_PEERS = 1_000_000, 100, 50
# The value of a node label, such as the one that says which cards a node has.
GPU_PRODUCT = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
ENVIRONMENT_PATH = rf"^{DNS_LABEL}/{DNS_LABEL}\Z"
# A host, perhaps with a port, and what the names of images there begin with.
IMAGE_SOURCE = r"^[A-Za-z0-9]([-A-Za-z0-9.]{0,252})(:\d{1,5})?(/[a-z0-9][-a-z0-9._/]{0,200})?\Z"


class ProjectEnvironmentSerializer(Serializer):
    """A presence on a cluster in short; `requested` is null while the mirror is out of date."""

    name = serializers.CharField()
    cluster = serializers.CharField(source="cluster.name")
    phase = serializers.ChoiceField(choices=Environment.Phase.choices)
    stale = serializers.BooleanField()
    limits = ResourceListField(source="quota.limits")
    reserved = ResourceListField(source="quota.reserved")
    requested = ResourceListField(allow_null=True)


class ProjectSerializer(ModelSerializer):
    """A tenant: the caller's role in it, where it is present, and when it last changed."""

    role = serializers.ChoiceField(choices=Role.choices, allow_null=True, read_only=True)
    environments = ProjectEnvironmentSerializer(many=True, read_only=True)
    last_change_at = serializers.DateTimeField(allow_null=True, read_only=True)

    class Meta:
        model = Project
        fields = [
            "name",
            "display_name",
            "description",
            "role",
            "environments",
            "last_change_at",
            "deletion_requested_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["deletion_requested_at", "created_at", "updated_at"]


class ProjectCreateSerializer(ModelSerializer):
    """What a new project is to be."""

    class Meta:
        model = Project
        fields = ["name", "display_name", "description"]
        # Uniqueness is decided by the action, which answers 409.
        extra_kwargs = {"name": {"validators": [validate_dns_label]}}


class ProjectUpdateSerializer(ModelSerializer):
    """What may be changed of a project."""

    class Meta:
        model = Project
        fields = ["display_name", "description"]


class ProjectDetailSerializer(ProjectSerializer):
    """A tenant, with what the caller may do in it."""

    permissions = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "permissions"]


class BoundField(ResourceListField):
    """Amounts of CPU and memory, which every container has."""

    def to_internal_value(self, data: Any) -> Resources:
        amounts = super().to_internal_value(data)
        for name in amounts:
            if name not in (CPU, MEMORY):
                message = Message("Only CPU and memory have a minimum and a default.")
                raise serializers.ValidationError({name: str(message)})
        return amounts


class QuotaLimitsSerializer(Serializer):
    """Limits per resource and per GPU product, and the bounds of one container."""

    limits = ResourceListField(
        default=Resources,
        also=(PODS,),
        help_text=f"Pods are limited to {DEFAULT_PODS} unless `pods` says otherwise. CPU, memory "
        "and storage are not limited unless they are listed; all else is not allowed unless it is.",
    )
    gpu_products = BoundedDict(
        key=GPU_PRODUCT,
        child=serializers.IntegerField(min_value=0, max_value=LARGEST_GPU_LIMIT),
        default=dict,
    )
    minimum = BoundField(required=False, help_text="What a container requests at least.")
    default_requests = BoundField(
        required=False, help_text="What one requests that states neither request nor limit."
    )
    default_limits = BoundField(required=False, help_text="The limit of one that states none.")

    def validate(self, quota: dict[str, Any]) -> dict[str, Any]:
        bounds = {name: quota.pop(name) for name in BOUNDS if name in quota}
        return {**quota, "bounds": bounds}


class QuotaSerializer(Serializer):
    """An allowance: limits, what admission has promised, what is left, and a container's bounds."""

    limits = ResourceListField()
    gpu_products = serializers.DictField(child=serializers.IntegerField())
    reserved = ResourceListField()
    reserved_gpu_products = serializers.DictField(child=serializers.IntegerField())
    headroom = serializers.SerializerMethodField()
    minimum = ResourceListField()
    default_requests = ResourceListField()
    default_limits = ResourceListField()

    def get_headroom(self, quota: Quota) -> dict[str, str]:
        return headroom(quota.allowed, quota.reserved).canonical()


class EnvironmentStatusSerializer(Serializer):
    """Whether the namespace is as its spec says."""

    phase = serializers.ChoiceField(choices=Environment.Phase.choices)
    ready = serializers.SerializerMethodField()
    reason = serializers.CharField()
    message = serializers.CharField()

    def get_ready(self, environment: Environment) -> bool:
        return environment.phase == Environment.Phase.READY


@extend_schema_field({"type": "string", "example": "10.0.0.0/8"})
class CidrField(serializers.Field):
    """A range of addresses."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return str(ip_network(data if isinstance(data, str) else ""))
        except ValueError as error:
            raise serializers.ValidationError(
                str(Message("Give a range of addresses such as 10.0.0.0/8."))
            ) from error

    def to_representation(self, value: str) -> str:
        return value


class PeersSerializer(Serializer):
    """Others that pods speak with; those of the same environment are always among them."""

    environments = serializers.ListField(
        child=serializers.RegexField(ENVIRONMENT_PATH, help_text="`project/environment`"),
        max_length=MOST_PEERS,
        default=list,
    )
    cidrs = serializers.ListField(child=CidrField(), max_length=MOST_PEERS, default=list)


class PoliciesSerializer(Serializer):
    """An environment's policies: fields that others wrote, traffic, and sources of images."""

    foreign_fields = serializers.ChoiceField(
        choices=Environment.ForeignFields.choices, required=False
    )
    ingress = PeersSerializer(
        required=False, allow_null=True, help_text="Who may speak to the pods; null is everybody."
    )
    egress = PeersSerializer(
        required=False, allow_null=True, help_text="To whom the pods may speak; null is everybody."
    )
    image_registries = serializers.ListField(
        child=serializers.RegexField(IMAGE_SOURCE),
        max_length=MOST_PEERS,
        required=False,
        help_text="Where images may be from, as `registry` or `registry/path`; empty is as the "
        "platform says.",
    )


class EnvironmentSerializer(ModelSerializer):
    """A project's presence on a cluster."""

    project = serializers.SlugRelatedField("name", read_only=True)
    cluster = serializers.SlugRelatedField("name", read_only=True)
    quota = QuotaSerializer(read_only=True)
    reserved = ResourceListField(source="quota.reserved", read_only=True)
    headroom = serializers.SerializerMethodField()
    status = EnvironmentStatusSerializer(source="*", read_only=True)
    ingress = PeersSerializer(read_only=True, allow_null=True)
    egress = PeersSerializer(read_only=True, allow_null=True)
    image_registries = serializers.ListField(child=serializers.CharField(), read_only=True)
    below_minimum = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Some pods that run and request less than the minimum; they are left alone, and "
        "new ones like them are refused.",
    )
    absent_gpu_products = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        read_only=True,
        help_text="GPU products with a quota that no node of the cluster has; null while that is "
        "not known.",
    )
    drift = DriftSerializer(many=True, read_only=True)

    class Meta:
        model = Environment
        fields = [
            "name",
            "project",
            "cluster",
            "namespace",
            "quota",
            "reserved",
            "headroom",
            "status",
            "foreign_fields",
            "ingress",
            "egress",
            "image_registries",
            "below_minimum",
            "absent_gpu_products",
            "drift",
            "created_at",
            "updated_at",
        ]

    def get_headroom(self, environment: Environment) -> dict[str, str]:
        return headroom(environment.quota.allowed, environment.quota.reserved).canonical()


class EnvironmentCreateSerializer(PoliciesSerializer):
    """What a new environment is to be."""

    name = serializers.CharField(max_length=30, validators=[validate_dns_label])
    cluster = serializers.SlugRelatedField("name", queryset=Cluster.objects.all())
    namespace = serializers.CharField(
        max_length=63, validators=[validate_dns_label], required=False
    )
    quota = QuotaLimitsSerializer(required=False)


class EnvironmentUpdateSerializer(PoliciesSerializer):
    """What may be changed of an environment."""

    quota = QuotaLimitsSerializer(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data:
            raise serializers.ValidationError(str(Message("State at least one field to change.")))
        return data


class MembershipSerializer(ModelSerializer):
    """A person's role."""

    username = serializers.CharField(source="user.username", max_length=150)

    class Meta:
        model = Membership
        fields = ["username", "role", "created_at"]
        read_only_fields = ["created_at"]


class RoleSerializer(Serializer):
    """A change of role."""

    role = serializers.ChoiceField(choices=Role.choices)


class TokenSerializer(ModelSerializer):
    """A project's token, without its secret."""

    role = serializers.SerializerMethodField()
    is_restricted = serializers.SerializerMethodField()
    environments = serializers.SerializerMethodField()
    created_by = serializers.SlugRelatedField("username", read_only=True, allow_null=True)

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "prefix",
            "role",
            "is_restricted",
            "environments",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]

    def membership(self, token: ApiToken) -> Membership:
        """Return the robot's only role, prefetched by the view."""
        found: Membership = token.user.memberships.all()[0]
        return found

    @extend_schema_field(serializers.ChoiceField(choices=Role.choices))
    def get_role(self, token: ApiToken) -> str:
        return self.membership(token).role

    def get_is_restricted(self, token: ApiToken) -> bool:
        return self.membership(token).is_restricted

    def get_environments(self, token: ApiToken) -> list[str]:
        return sorted(environment.name for environment in self.membership(token).environments.all())


class IssuedTokenSerializer(TokenSerializer):
    """A new token, with the secret that is shown once: a repeat says why it has none."""

    secret = serializers.CharField(allow_null=True)
    secret_message = serializers.CharField()

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "secret", "secret_message"]


class TokenCreateSerializer(Serializer):
    """What a new token is to be."""

    name = serializers.CharField(max_length=63, validators=[validate_dns_label])
    role = serializers.ChoiceField(choices=Role.choices)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    environments = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=MOST_ENVIRONMENTS, default=list
    )


class RoleInProjectSerializer(Serializer):
    """A caller's role in one project."""

    project = serializers.CharField(source="project.name")
    role = serializers.ChoiceField(choices=Role.choices)
    environments = serializers.SerializerMethodField()

    def get_environments(self, membership: Membership) -> list[str]:
        return sorted(environment.name for environment in membership.environments.all())


class MeSerializer(UserSerializer):
    """The caller: account, roles, and the scope of the token that was used."""

    roles = RoleInProjectSerializer(source="memberships", many=True, read_only=True)
    token = TokenScopeSerializer(read_only=True, allow_null=True)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "roles", "token"]


class LanguageSerializer(Serializer):
    """The language that the dashboard speaks to the caller."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)
