"""Kafka's request that sets users' SCRAM credentials (KIP-554), which aiokafka 0.14 has not."""

from typing import Any, ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

MECHANISM = 2  # SCRAM-SHA-512

# user, mechanism, iterations, salt, PBKDF2 of the password, tags
Change = tuple[str, int, int, bytes, bytes, dict[int, bytes]]


class AlterUsersResponse_v0(Response):  # type: ignore[misc]  # noqa: N801 - aiokafka's way of naming
    """Per user an error code and a text."""

    API_KEY: ClassVar[int] = 51
    API_VERSION: ClassVar[int] = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterUsersRequest_v0(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """Users to delete, and users to make or change."""

    API_KEY: ClassVar[int] = 51
    API_VERSION: ClassVar[int] = 0
    RESPONSE_TYPE = AlterUsersResponse_v0
    FLEXIBLE_VERSION: ClassVar[bool] = True
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(
                ("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)
            ),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterUsersRequest(Request[AlterUsersRequest_v0]):  # type: ignore[misc]
    """Sets the credentials of users."""

    API_KEY: ClassVar[int] = 51

    def __init__(self, changes: list[Change]) -> None:
        self._changes = changes

    def build(self, request_struct_class: type[AlterUsersRequest_v0]) -> Any:
        """The bytes' structure, in the version that the broker knows."""
        return request_struct_class([], self._changes, {})
