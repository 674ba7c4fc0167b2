"""Identities as fields of requests and paths."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, Field

from shared import identity

CustomerId = Annotated[
    str,
    Field(pattern=f"^{identity.CUSTOMER}$", examples=["c-1001"]),
    AfterValidator(identity.customer_id),
]
"""The id of a customer in a request."""

StoredCustomer = Annotated[str, Field(pattern=f"^{identity.KNOWN_CUSTOMER}$")]
"""A customer who may be there already: also under an id that is taken no more."""

KnownCustomer = Annotated[StoredCustomer, Path(alias="id")]
"""The same in a path."""


def _zone(name: str) -> str:
    if not identity.is_zone(name):
        raise ValueError(identity.ZONE_EXPECTED)
    return name


Zone = Annotated[str, AfterValidator(_zone), Field(max_length=64, examples=["Europe/Berlin"])]
"""A time zone of IANA."""


Phone = AfterValidator(identity.phone)
"""Refuses what a spreadsheet has made of a telephone number."""
