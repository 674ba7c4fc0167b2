"""What a log may say of a failure nobody foresaw: its kind and its place, none of its words."""

import traceback
from pathlib import PurePath


def failure(error: BaseException) -> dict[str, str]:
    """The fields of a log line. The text of the error is left out: it may quote a message.

    >>> failure(ValueError("Ann, +49 170 5550142"))
    {'error': 'ValueError'}
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]]
    return {"error": type(error).__name__} | (
        {"at": " < ".join(reversed(places))} if places else {}
    )
