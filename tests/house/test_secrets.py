"""No secret is in the repository: every tracked file is searched, and the search finds what it should."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.supply.secrets import SECRET_FILE, found_in

ROOT = Path(__file__).resolve().parents[2]
# hashes of packages, pictures, other people's minified code, and kept databases: hashes and sealed
# texts of a system that is gone, with its keys
NOT_SEARCHED = re.compile(
    r"\.lock$|\.png$|\.webp$|^tests/kept/.*\.xz$|^shared/web/static/swagger-ui|/vendor/"
)
ALLOWED = {
    # (file, what is found there): why it is none
    ("services/console/edges/identify.py", "/v1/tokens"): "a path",
    ("services/console/edges/pages/messages/en.toml", "Password"): "what a field is called",
    ("services/ingest/edges/broker/broker_files.py", "passwords"): "the name of a file",
    ("tests/shared/events/test_samples.py", "0af7651916cd43dd8448eb211c80319c"): "the trace id of W3C's example",
    **{
        ("tests/journey/edges/courier/test_webhook.py", found): "the key of the specification's example"
        for found in ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    },
    **{
        (file, "b1946ac92492d2347c6235b4d2611184f2ee2f9b1f0b4a7b0c6b3a4d3e1f0a99"): "a sample digest"
        for file in (
            "shared/events/samples.py",
            "docs/reference/events.md",
            "docs/reference/schemas/rejected.json",
        )
    },
}  # fmt: skip


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_holds_a_secret() -> None:
    names = tracked()
    assert len(names) > 500
    found = {
        (name, what)
        for name in names
        if not NOT_SEARCHED.search(name) and name != "tests/house/test_secrets.py"
        for what in found_in(
            (ROOT / name).read_text("utf-8"), tests=name.startswith("tests/")
        )
    }  # fmt: skip
    assert sorted(found - ALLOWED.keys()) == [], (
        "a secret, or one more line in ALLOWED with its reason"
    )
    assert sorted(ALLOWED.keys() - found) == [], "no longer there: remove it from ALLOWED"


def test_no_tracked_file_is_one_that_secrets_are_kept_in() -> None:
    assert not [name for name in tracked() if SECRET_FILE.search(name) or name.endswith(".pem")]


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param("-----BEGIN " + "EC PRIVATE KEY-----\nMHcCAQEEIB", id="PEM key"),
        pytest.param('{"kty": "EC", "d"' + ': "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9"}', id="JWK"),
        pytest.param("AKIA" + "IOSFODNN7EXAMPLE", id="cloud key"),
        pytest.param("ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a", id="forge token"),
        pytest.param("eyJhbGciOiJFUzI1NiJ9" + ".eyJzdWIiOiJhIn0.x", id="JWT"),
        pytest.param("key: 9f1c2ab37d405e68" + "9f1c2ab37d405e68", id="hexadecimal"),
        pytest.param("x = 'wJalrXUtnFEMIK7MDENG" + "bPxRfiCYzEXAMPLEKEY0'", id="base64"),
        pytest.param("smtp_password=" + '"hunter2222"', id="assigned"),
        pytest.param('"client_secret"' + ': "hunter2222"', id="in JSON"),
        pytest.param("postgresql://pc:" + "hunter2222@db/x", id="in a URL"),
    ],
)
def test_the_search_finds_a_planted_secret(planted: str) -> None:
    assert list(found_in(planted, tests=False))


@pytest.mark.parametrize(
    "harmless",
    [
        "postgresql://USER:PASSWORD@HOST:5432/NAME",
        "password: SecretStr",
        'token = f"{head}.{body}"',
        'os.environ["DATABASE_PASSWORD"]',
        "test_a_placeholder_is_no_secret_whoever_reads_it",
        "docs/how-to/look-at-a-topic-of-a-service.md",
    ],
)
def test_the_search_leaves_ordinary_text_alone(harmless: str) -> None:
    assert not list(found_in(harmless, tests=False))
