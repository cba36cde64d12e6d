"""A setting is declared once, in `ServiceSpec`; who forgets a part of the rest is told here."""

from serving.api.revisions import SpecSerializer
from serving.api.settings_serializers import SettingsSerializer
from serving.manifests.spec import ServiceSpec
from serving.models import ModelService
from serving.rules.drafts import FROZEN, SETTINGS, VERSIONED

COLUMNS = {field.name for field in ModelService._meta.concrete_fields}
# What says how a service is and what it is called, and not what it should be.
BESIDES = {
    "id",
    "project",
    "environment",
    "name",
    "model",
    "draft",
    "created_at",
    "updated_at",
    "current_revision",
    "desired_replicas",
    "epoch",
    "applied",
    "drift",
    "seen_version",
    "awaits_mirror",
    "health",
    "reason",
    "message",
    "ready_replicas",
    "observed_at",
}


def test_every_setting_has_a_column_and_every_column_is_one_or_is_none_on_purpose():
    assert set(SETTINGS) == COLUMNS - BESIDES


def test_everything_that_is_frozen_is_shown_of_a_revision():
    assert set(SpecSerializer().fields) == set(ServiceSpec.__struct_fields__)
    assert {*FROZEN, *VERSIONED} == set(ServiceSpec.__struct_fields__)


def test_everything_that_is_frozen_may_be_stated():
    stated = set(SettingsSerializer().fields) | {"requests", "limits"}
    assert set(FROZEN) <= stated
