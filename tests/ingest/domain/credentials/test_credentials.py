"""Who may still be in with a credential that is no longer good?"""

import pytest

from services.ingest.domain.credentials.credentials import Revoked, may_be_in


@pytest.mark.parametrize(
    ("revoked", "passwords", "expected"),
    [
        ([Revoked("cam", "password")], {"cam"}, set()),
        ([Revoked("cam", "password")], {"other"}, {"cam"}),
        ([Revoked("cam", "certificate")], {"cam"}, {"cam"}),
        ([Revoked("cam", "password"), Revoked("cam", "certificate")], {"cam"}, {"cam"}),
        ([], {"cam"}, set()),
    ],
)
def test_who_has_a_new_password_is_left_alone(revoked, passwords, expected):
    assert may_be_in(revoked, passwords) == expected
