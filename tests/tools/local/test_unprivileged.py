"""Data and programs of servers that must not run as root; no existing permission changes."""

import os

import pytest

from tools.local import unprivileged


@pytest.fixture
def closed_home(tmp_path, monkeypatch):
    """A home that only its owner may enter, as root's is, seen by a server that runs as us."""
    monkeypatch.setattr(unprivileged, "ELSEWHERE", tmp_path / "elsewhere")
    monkeypatch.setattr(unprivileged, "user", os.geteuid)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


def test_data_behind_a_closed_door_gets_a_place_elsewhere(closed_home, tmp_path):
    wanted = closed_home / "data" / "postgres"
    real = unprivileged.data_folder(wanted)
    (real / "kept").touch()

    assert real.is_relative_to(tmp_path / "elsewhere")
    assert (wanted / "kept").exists()
    assert unprivileged.data_folder(wanted) == real
    assert closed_home.stat().st_mode & 0o777 == 0o700

    unprivileged.remove(wanted)
    assert not wanted.is_symlink()
    assert list((tmp_path / "elsewhere" / "data").iterdir()) == []


def test_data_of_a_folder_deleted_by_hand_is_swept(closed_home):
    gone = unprivileged.data_folder(closed_home / "one" / "postgres")
    (closed_home / "one" / "postgres").unlink()
    kept = unprivileged.data_folder(closed_home / "two" / "postgres")
    assert not gone.exists()
    assert kept.exists()


def test_programs_are_copied_with_what_lies_beside_them(closed_home):
    for path in (closed_home / "wheel" / "bin" / "server", closed_home / "wheel.libs" / "lib.so"):
        path.parent.mkdir(parents=True)
        path.touch(mode=0o700 if path.name == "server" else 0o600)

    site = unprivileged.programs(closed_home, ["wheel", "wheel.libs"])

    assert site != closed_home
    assert (site / "wheel" / "bin" / "server").stat().st_mode & 0o777 == 0o755
    assert (site / "wheel.libs" / "lib.so").stat().st_mode & 0o777 == 0o644
    assert unprivileged.programs(closed_home, ["wheel", "wheel.libs"]) == site


def test_an_ordinary_user_needs_none_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(unprivileged, "user", lambda: None)
    wanted = tmp_path / "data" / "postgres"
    assert unprivileged.data_folder(wanted) == wanted
    assert not wanted.is_symlink()
