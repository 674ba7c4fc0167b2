"""Kafka's requests for many rights at once; aiokafka 0.14's own carry one each: 10 s for all of ours."""

from typing import Any, ClassVar

from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1
from aiokafka.protocol.api import Request

# kind, name, pattern, principal, host, operation, permission: the same to make and to delete
Numbers = tuple[int, str, int, str, str, int, int]


class CreateRights(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    """Makes rights; one that is there stays."""

    API_KEY: ClassVar[int] = CreateAclsRequest_v1.API_KEY

    def __init__(self, rights: list[Numbers]) -> None:
        self._rights = rights

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> Any:
        """The structure on the wire."""
        return request_struct_class(self._rights)


class DeleteRights(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    """Takes rights away."""

    API_KEY: ClassVar[int] = DeleteAclsRequest_v1.API_KEY

    def __init__(self, rights: list[Numbers]) -> None:
        self._rights = rights

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> Any:
        """The structure on the wire."""
        return request_struct_class(self._rights)
