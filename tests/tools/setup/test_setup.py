"""Set-up says what it will do, refuses before any change, and does nothing the second time."""

import subprocess
import sys

import pytest

from tests.browser import needs_chromium
from tools.setup import __main__ as setup
from tools.setup import browser, jars, needs, python, stamp, system


@pytest.fixture
def not_root(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(needs, "package_manager", lambda: "apt")


@pytest.mark.parametrize(
    ("manager", "root", "line"),
    [
        pytest.param("apt", False, "sudo apt-get install -y default-jre-headless mosquitto", id="Debian user"),
        pytest.param("apt", True, "apt-get install -y default-jre-headless mosquitto", id="Debian root"),
        pytest.param("dnf", False, "sudo dnf install -y java-latest-openjdk-headless mosquitto", id="Fedora"),
        pytest.param("brew", False, "brew install openjdk mosquitto", id="Mac"),
    ],
)  # fmt: skip
def test_the_line_to_type_fits_the_system(monkeypatch, manager, root, line):
    monkeypatch.setattr(needs, "package_manager", lambda: manager)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    said = needs.how_to_get("java", "mosquitto")
    assert f"Type:  {line}\n" in said
    assert "docker compose up" in said


def test_without_root_it_stops_before_changing_anything(monkeypatch, not_root, capsys):
    changes = []
    monkeypatch.setattr(stamp, "is_up_to_date", lambda: False)
    monkeypatch.setattr(needs, "missing", lambda with_maven: ["java", "mosquitto"])
    monkeypatch.setattr(setup, "step", lambda what, work: changes.append(what))

    assert setup.main() == 1

    said = capsys.readouterr().err
    assert "Missing on this machine: Java 17 or newer, mosquitto (the MQTT broker)." in said
    assert "sudo apt-get install -y default-jre-headless mosquitto" in said
    assert "Nothing was changed." in said
    assert changes == []


def test_another_python_only_is_refused_with_ways_to_get_one(monkeypatch):
    monkeypatch.setattr(python, "find_without_venv", lambda: None)
    with pytest.raises(setup.Refused, match=r"Python 3\.11 is missing"):
        setup.refuse_what_cannot_be_had(["python"])


def test_root_on_debian_may_install(monkeypatch):
    monkeypatch.setattr(needs, "may_install", lambda: True)
    setup.refuse_what_cannot_be_had(["java", "maven", "mosquitto"])


def test_the_announcement_adds_up(monkeypatch):
    monkeypatch.setattr(jars, "are_there", lambda: False)
    head, *rows = setup.announcement(["java", "maven", "mosquitto"])
    download = sum(int(row.split(": ")[1].split(" MB")[0]) for row in rows)
    assert head == (
        f"Set-up downloads about {download} MB and takes about "
        f"{sum(int(row.split(', ')[-1].split(' MB')[0]) for row in rows)} MB of disk:"
    )
    assert len(rows) == 5


@pytest.mark.parametrize(
    ("said", "major"),
    [
        pytest.param('openjdk version "17.0.15" 2025-04-15', 17, id="17"),
        pytest.param('openjdk version "21" 2023-09-19', 21, id="21, no minor"),
        pytest.param('java version "1.8.0_402"', 8, id="8 in its own way"),
    ],
)
def test_java_versions(tmp_path, said, major):
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    assert needs.java_version(str(java)) == major


def test_a_java_that_does_not_run_is_none(tmp_path):
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    assert needs.java_version(str(java)) is None


def test_a_maven_that_fails_leaves_nothing_that_looks_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho no such artifact\nexit 1\n")
    maven.chmod(0o755)
    with pytest.raises(jars.MavenFailed, match="no such artifact"):
        jars.fetch(str(maven))
    assert not jars.are_there()
    assert list((tmp_path / "cache" / "playcaller").iterdir()) == []


def test_the_stamp_is_void_when_the_lock_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(stamp, "SECONDS", tmp_path / "seconds")
    assert not stamp.is_up_to_date()
    stamp.write(3.0)
    assert stamp.is_up_to_date()
    monkeypatch.setattr(stamp, "digest", lambda: "of another lock")
    assert not stamp.is_up_to_date()


def test_the_seconds_are_those_of_this_command(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(stamp, "SECONDS", tmp_path / "seconds")
    stamp.write(3.04)
    assert stamp.SECONDS.read_text() == "3.0"
    assert setup.main() == 0  # nothing to do
    assert not stamp.SECONDS.exists()


def test_it_needs_no_installed_package():
    code = "import sys; sys.path[:0] = ['.']; import tools.setup.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True, cwd=python.ROOT
    ).stdout.split()  # fmt: skip
    own = {name for name in loaded if not name.startswith(("tools", "_"))}
    assert {name.partition(".")[0] for name in own} <= set(sys.stdlib_module_names)


@pytest.fixture
def without_browser(monkeypatch):
    """A machine without one; what set-up installs."""
    installed = []
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.setattr(system, "install_packages", installed.extend)
    return installed


def test_the_browser_comes_by_itself_where_that_needs_no_question(
    monkeypatch, without_browser, capsys
):
    monkeypatch.setattr(needs, "may_install", lambda: True)
    assert browser.bring() == ""
    assert without_browser == ["chromium-headless-shell"]
    assert "Tests of pages need Chromium (apt-get): 100 MB" in capsys.readouterr().out


def test_a_browser_that_cannot_be_had_stops_nothing(monkeypatch, without_browser, not_root):
    said = browser.bring()
    assert "tests of pages are skipped. To have them, type:  sudo apt-get" in said
    assert "install -y chromium-headless-shell" in said
    assert without_browser == []

    def fails(packages):
        raise system.AptFailed("no such package")

    monkeypatch.setattr(needs, "may_install", lambda: True)
    monkeypatch.setattr(system, "install_packages", fails)
    assert browser.bring().endswith("tests of pages are skipped:\nno such package")


def test_a_browser_that_is_there_is_left_alone(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(system, "install_packages", lambda packages: pytest.fail("installs"))
    assert browser.bring() == ""


def test_tests_of_pages_say_why_they_are_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="no Chromium on this machine"):
        needs_chromium()
