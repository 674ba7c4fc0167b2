import pytest

from shared.mail_server import mail_server

NO_SERVER = "it must begin with smtp:// or smtps:// and name a host"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        pytest.param("http://mail.example.org", NO_SERVER, id="no mail server"),
        pytest.param("smtp://", NO_SERVER, id="no host"),
        pytest.param("smtp://me:word@mail.example.org", "a password needs smtps://", id="in clear"),
    ],
)
def test_what_is_no_mail_server_or_tells_a_password_is_refused(url, why):
    with pytest.raises(ValueError, match=why):
        mail_server(url)


@pytest.mark.parametrize(
    "url",
    ["smtps://me:word@mail.example.org", "smtp://mail.example.org", "smtp://me:word@127.0.0.1:25"],
)
def test_a_mail_server_is_taken_as_it_is(url):
    assert mail_server(url) == url
