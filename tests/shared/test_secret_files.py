"""Every secret may stand in a file, which nobody else may read or change."""

import importlib
import os

import pytest

from shared.errors import BadSettings
from shared.secret_files import LARGEST_BYTES, read_secret
from shared.settings import SERVICES, load
from shared.variables import is_secret, variables
from tests.given import ENVIRON

NAMED = {"KAFKA_SASL_USER": "pc", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}
URL = "postgresql://pc:v4lue@127.0.0.1:1/x"
SIGNING = "whsec_" + "v4l=".rjust(44, "u")
SECRETS = ENVIRON | {
    "JOURNEY_WEBHOOK_SECRET": SIGNING,
    "JOURNEY_SHOP_SECRETS": f"web-shop={SIGNING}",
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "secret"

    def write(content=URL + "\n", mode=0o600):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return str(path)

    return write


def given(**changed):
    environ = {k: v for k, v in ENVIRON.items() if k != "DATABASE_URL"}
    return {**environ, **changed}


def settings_of(service):
    return importlib.import_module(f"services.{service}.settings").Settings


def refusal(**changed):
    with pytest.raises(BadSettings) as refused:
        load(settings_of("support"), "support", given(**changed))
    (line,) = [line for line in str(refused.value).splitlines() if line.startswith("  - ")]
    assert "v4lue" not in line
    return line


@pytest.mark.parametrize("service", SERVICES)
def test_every_secret_of_every_service_has_a_file(service, file):
    cls = settings_of(service)
    known = {variable.name for variable in variables(cls)}
    for name, info in cls.model_fields.items():
        if is_secret(info.annotation):
            variable = (info.validation_alias or name).upper()
            assert f"{variable}_FILE" in known
            content = SECRETS.get(variable, "mqtt://a:v4lue@127.0.0.1")
            beside = NAMED if variable == "KAFKA_SASL_PASSWORD" else {}
            environ = {k: v for k, v in ENVIRON.items() if k != variable} | beside
            settings = load(cls, service, {**environ, f"{variable}_FILE": file(f"{content}\n")})
            plain = load(cls, service, {**environ, variable: content})
            assert getattr(settings, name) == getattr(plain, name)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_file_for_us_alone_or_our_group_is_taken(file, mode):
    settings = load(settings_of("support"), "support", given(DATABASE_URL_FILE=file(mode=mode)))
    assert settings.database_url.get_secret_value().endswith(":v4lue@127.0.0.1:1/x")
    assert "v4lue" not in repr(settings)


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        (0o644, "everybody may read the file (mode 0644): chmod 600"),
        (0o604, "everybody may read the file (mode 0604): chmod 600"),
        (0o660, "others may change the file (mode 0660): chmod 600"),
        (0o602, "others may change the file (mode 0602): chmod 600"),
        (0o666, "others may change the file (mode 0666): chmod 600"),
    ],
)
def test_a_file_that_others_may_read_or_change_is_refused(file, mode, why):
    said = refusal(DATABASE_URL_FILE=file(mode=mode))
    assert said == f"  - DATABASE_URL_FILE is malformed: {why}."


def test_where_engines_mount_secrets_they_are_readable_but_never_changeable(file, tmp_path):
    path = tmp_path / "secret"
    file(mode=0o444)
    assert read_secret(path, mounted=tmp_path) == URL
    file(mode=0o446)
    with pytest.raises(ValueError, match="others may change the file"):
        read_secret(path, mounted=tmp_path)


def test_both_is_an_error_that_names_both(file):
    said = refusal(DATABASE_URL=URL, DATABASE_URL_FILE=file())
    assert said == "  - DATABASE_URL and DATABASE_URL_FILE are both set: keep one of them."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the file is empty"),
        (" \n\n", "the file is empty"),
        (b"\xff\xfe", "the file holds no UTF-8 text"),
        (b"x" * (LARGEST_BYTES + 1), "the file holds more than 65,536 bytes"),
    ],
)
def test_a_file_without_a_secret(file, content, why):
    said = refusal(DATABASE_URL_FILE=file(content))
    assert said == f"  - DATABASE_URL_FILE is malformed: {why}."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("mysql://pc:v4lue@h/x", "it must begin with postgresql://"),
        ("postgresql://pc:changeme@h/x", "the password is a placeholder"),
        (f"{URL}\n{URL}", "it must not contain line breaks or control characters"),
    ],
)
def test_what_the_file_holds_is_judged_like_the_variable(file, content, why):
    said = refusal(DATABASE_URL_FILE=file(content))
    assert said == f"  - DATABASE_URL_FILE holds what is malformed: {why}."


def test_who_mixes_up_the_two_does_not_read_the_secret_in_the_log():
    said = refusal(DATABASE_URL_FILE=URL)
    assert (
        said == "  - DATABASE_URL_FILE is malformed: the file cannot be read (FileNotFoundError)."
    )


def test_neither_a_folder_nor_a_pipe_is_a_file(tmp_path):
    assert "cannot be read (IsADirectoryError)" in refusal(DATABASE_URL_FILE=str(tmp_path))
    assert "that is no file" in refusal(DATABASE_URL_FILE=os.devnull)


def test_a_missing_secret_names_both_ways():
    said = refusal()
    assert "DATABASE_URL is missing" in said
    assert "or DATABASE_URL_FILE to the path of a file with it" in said
