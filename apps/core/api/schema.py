"""OpenAPI: what drf-spectacular cannot see by itself."""

from drf_spectacular.openapi import AutoSchema as FrameworkAutoSchema


class AutoSchema(FrameworkAutoSchema):
    """Name operations by their path, so that two views of one model do not collide."""
