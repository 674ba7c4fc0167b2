"""The last step of the image's build, on a tree like an image's."""

import stat

import pytest

from deploy import trim


def put(root, path, mode=0o644):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    file.chmod(mode)
    return file


@pytest.fixture
def root(tmp_path):
    for program in ("usr/bin/dash", "usr/bin/apt", "usr/bin/python3.11", "opt/venv/bin/pip"):
        put(tmp_path, program, 0o755)
    put(tmp_path, "usr/lib/su-helper", 0o4755)
    put(tmp_path, "usr/lib/python3.11/ensurepip/__main__.py")
    put(tmp_path, "usr/lib/python3.11/json/__init__.py")
    put(tmp_path, "var/lib/dpkg/status")
    put(tmp_path, "app/shared/log.py", 0o666)
    put(tmp_path, "opt/venv/bin/python", 0o755)
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    return tmp_path


def test_python_is_the_only_program_left(root, monkeypatch):
    monkeypatch.setattr("sys.argv", ["trim.py", str(root)])
    trim.main()
    left = {str(each.relative_to(root)) for each in trim.everything(root) if each.is_file()}
    assert left == {
        "usr/bin/python3.11",
        "usr/lib/su-helper",
        "usr/lib/python3.11/json/__init__.py",
        "var/lib/dpkg/status",
        "app/shared/log.py",
        "opt/venv/bin/python",
    }


def test_nobody_gets_more_rights_and_nobody_changes_code(root, monkeypatch):
    monkeypatch.setattr("sys.argv", ["trim.py", str(root)])
    trim.main()

    def mode(path):
        return stat.S_IMODE((root / path).stat().st_mode)

    assert mode("usr/lib/su-helper") == 0o755
    assert mode("app/shared/log.py") == 0o644
    assert mode("tmp") == 0o1777, "scratch stays what it was"


def test_another_tree_is_left_alone(tmp_path, monkeypatch):
    kept = put(tmp_path, "usr/bin/dash", 0o4755)
    monkeypatch.setattr("sys.argv", ["trim.py", str(tmp_path)])
    with pytest.raises(SystemExit, match="is no root of our image"):
        trim.main()
    assert kept.exists()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o4755
