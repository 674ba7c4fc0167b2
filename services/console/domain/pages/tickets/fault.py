"""A fault's code as people read it."""


def in_words(code: str) -> str:
    """Devices write `storage_full`; whoever is new at the desk reads words.

    >>> in_words("storage_full"), in_words("E-12"), in_words("_")
    ('Storage full', 'E-12', '_')
    """
    words = code.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else code
