"""Where analytics keeps personal data: nowhere; it counts uses under opaque ids."""

from shared.personal import Personal

PERSONAL: tuple[Personal, ...] = ()
