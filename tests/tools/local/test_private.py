"""An installation's folder is closed; what is not ours is refused, not changed."""

import os

import pytest

from tools.local import identity, private
from tools.local.private import NotPrivate


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_new_folder_is_its_owners_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        private.folder(tmp_path / "a" / "home")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "home") == 0o700


@pytest.mark.parametrize("inside", [[], ["lock"], ["run", "data"]])
def test_an_empty_one_and_one_of_ours_are_closed(tmp_path, inside):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    for name in inside:
        (home / name).mkdir()
    private.folder(home)
    assert mode(home) == 0o700


def test_not_while_its_servers_run(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    identity.save(identity.identify(os.getpid()), home / "run" / "postgres.json")
    private.folder(home)
    assert mode(home) == 0o755


def test_a_folder_with_other_things_that_others_may_enter_is_refused(tmp_path):
    home = tmp_path / "home"
    (home / "photographs").mkdir(parents=True)
    home.chmod(0o755)
    with pytest.raises(NotPrivate, match="chmod 700"):
        private.folder(home)
    assert mode(home) == 0o755
    home.chmod(0o700)
    private.folder(home)
