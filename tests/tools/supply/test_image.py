"""The scan of an image: what it finds in tars as Docker and Podman write them."""

import io
import json
import tarfile

import pytest

from tools.supply import image

CLEAN = {"User": "10001:10001", "Env": ["PATH=/opt/venv/bin"]}
# in two parts: the search for secrets reads this file, too
KEY = b"-----BEGIN " + b"PRIVATE KEY-----\n" + 32 * b"MC" + b"\n"


def member(path, content=b"x", *, mode=0o644, uid=0, gid=0, link=None, folder=False):
    made = tarfile.TarInfo(path)
    made.mode, made.uid, made.gid = mode, uid, gid
    made.size = 0 if link or folder else len(content)
    if link:
        made.type, made.linkname = tarfile.SYMTYPE, link
    if folder:
        made.type = tarfile.DIRTYPE
    return made, content


PYTHON = member("opt/venv/bin/python", mode=0o755)
CODE = member("app/shared/log.py")


def packed(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return out.getvalue()


def saved(folder, layers, configuration=CLEAN):
    """A tar as `docker save` writes it."""
    names = [f"layer{n}/layer.tar" for n in range(len(layers))]
    manifest = json.dumps([{"Config": "config.json", "Layers": names}]).encode()
    parts = [
        member("manifest.json", manifest),
        member("config.json", json.dumps({"config": configuration}).encode()),
        *(member(n, packed(layer)) for n, layer in zip(names, layers, strict=True)),
    ]
    file = folder / "image.tar"
    file.write_bytes(packed(parts))
    return file


def scan(capsys, *words):
    code = image.main([str(word) for word in words])
    return code, capsys.readouterr().out


def test_an_image_with_nothing_wrong_is_called_clean(tmp_path, capsys):
    tmp = member("tmp", mode=0o1777, folder=True)
    code, said = scan(capsys, saved(tmp_path, [[PYTHON, CODE, tmp]]))
    assert (code, said) == (0, "scan: 2 files, user 10001:10001, nothing that must not be\n")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (member("usr/bin/su", mode=0o4755), "setuid: usr/bin/su"),
        (member("usr/bin/wall", mode=0o2755), "setgid: usr/bin/wall"),
        (member("bin/sh", link="dash", mode=0o777), "shell: bin/sh"),
        (member("usr/bin/apt-get", mode=0o755), "packages: usr/bin/apt-get"),
        (member("opt/venv/bin/pip3.11", mode=0o755), "packages: opt/venv/bin/pip3.11"),
        (member("usr/bin/curl", mode=0o755), "tool: usr/bin/curl"),
        (member("app/shared/log.py", uid=10001), "writable: app/shared/log.py"),
        (member("app/shared", mode=0o777, folder=True), "writable: app/shared"),
        (member("app/x.py", gid=10001, mode=0o664), "writable: app/x.py"),
        (member("app/ca-key.pem", KEY), "secret: app/ca-key.pem"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_must_not_be_is_named(tmp_path, capsys, bad, told):
    code, said = scan(capsys, saved(tmp_path, [[PYTHON, bad]]))
    assert code == 1
    assert told in said
    assert "1 that must not be" in said
    assert "MCMCMC" not in said, "a secret is named, never shown"


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "app", "10001", "10001:0"])
def test_the_user_is_a_number_with_a_group_and_not_root(tmp_path, capsys, user):
    code, said = scan(capsys, saved(tmp_path, [[PYTHON]], {"User": user, "Env": []}))
    assert code == 1
    assert "root: USER: " in said


def test_a_secret_that_an_upper_layer_hides_is_found(tmp_path, capsys):
    layers = [[PYTHON, member("app/ca-key.pem", KEY)], [member("app/.wh.ca-key.pem", b"")]]
    code, said = scan(capsys, saved(tmp_path, layers))
    assert code == 1
    assert "secret: app/ca-key.pem" in said
    assert "(in a lower layer)" in said


def test_an_exported_root_needs_its_configuration(tmp_path, capsys):
    root = tmp_path / "root.tar"
    root.write_bytes(packed([PYTHON, CODE]))
    code, said = scan(capsys, root)
    assert code == 2
    assert "--config FILE" in said
    told = tmp_path / "inspect.json"
    told.write_text(json.dumps([{"Config": CLEAN}]))
    assert scan(capsys, root, "--config", told)[0] == 0


@pytest.mark.parametrize("content", [b"", b"no tar", b"\0" * 512])
def test_what_is_no_image_is_said(tmp_path, capsys, content):
    file = tmp_path / "odd.tar"
    file.write_bytes(content)
    code, said = scan(capsys, file)
    assert code == 2
    assert "odd.tar" in said
