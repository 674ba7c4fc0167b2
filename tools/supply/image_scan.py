"""What must not be in our image, judged from the list of what is in it: pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.supply.secrets import why_secret_variable

SETUID, SETGID = 0o4000, 0o2000
OWNER_WRITES, GROUP_WRITES, OTHERS_WRITE = 0o200, 0o020, 0o002
RUNS = 0o111
SCRATCH = re.compile(r"^(tmp|var/tmp|run|dev|proc|sys)(/|$)")
SHELL = re.compile(r"^(a|ba|da|z|k|mk|c|tc|fi)?sh$|^(busybox|toybox)$")
PACKAGES = re.compile(r"^(apt(-get|itude)?|dpkg|rpm|yum|(micro)?dnf|apk|pip[\d.]*|uv|conda|npm)$")
FETCHES = re.compile(
    r"^(curl|wget|nc|ncat|netcat|nc\.\w+|socat|telnet|ssh|scp|perl[\d.]*|gcc|git)$"
)
BRINGS_PACKAGES = re.compile(r"(site-packages/pip|dist-packages/pip|/ensurepip)/__main__\.py$")

Kind = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True)
class Entry:
    """One file, folder or link. `secret` says why it looks like one; empty when it does not."""

    path: str  # without a leading slash
    kind: Kind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    has_capability: bool = False
    secret: str = ""


@dataclass(frozen=True)
class Configuration:
    """What the image says of how it runs."""

    user: str = ""
    environment: Sequence[str] = ()


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, where, and of which kind."""

    kind: str
    where: str
    why: str


def judge(
    configuration: Configuration, root: Iterable[Entry], hidden: Iterable[Entry] = ()
) -> list[Finding]:
    """Everything that is wrong with an image.

    Args:
        configuration: how it runs.
        root: what a container sees.
        hidden: what lower layers hold and upper ones hide; whoever has the image can read it.
    """
    findings = [*_user(configuration.user), *_environment(configuration.environment)]
    for entry in root:
        findings += [*_entry(entry), *_writable(entry, configuration.user)]
    findings += [_secret(entry, " (in a lower layer)") for entry in hidden if entry.secret]
    return sorted(findings)


def _user(user: str) -> list[Finding]:
    name, _, group = user.partition(":")
    if name in {"", "0", "root"}:
        return [Finding("root", "USER", "it runs as root: name a number, USER 10001:10001")]
    if not name.isdecimal() or not group.isdecimal():
        why = f"{user!r} is not a number with a number of a group: USER 10001:10001"
        return [Finding("root", "USER", why)]
    if int(name) == 0 or int(group) == 0:
        return [Finding("root", "USER", "its user or group is root: USER 10001:10001")]
    return []


def _environment(variables: Sequence[str]) -> list[Finding]:
    named = [(variable.partition("=")[0], why_secret_variable(variable)) for variable in variables]
    return [Finding("secret", f"ENV {name}", why) for name, why in named if why]


def _entry(entry: Entry) -> list[Finding]:
    findings = []
    name = entry.path.rpartition("/")[2]
    if entry.kind == "file" and entry.mode & (SETUID | SETGID):
        bit = "setuid" if entry.mode & SETUID else "setgid"
        findings.append(
            Finding(bit, entry.path, "it runs as its owner or group, whoever starts it")
        )
    if entry.has_capability:
        findings.append(
            Finding("capability", entry.path, "it has rights of root, whoever starts it")
        )
    if entry.kind in {"file", "link"} and entry.mode & RUNS:
        for pattern, kind, why in (
            (SHELL, "shell", "it runs whatever somebody brings in"),
            (PACKAGES, "packages", "it installs what somebody brings in"),
            (FETCHES, "tool", "it brings in or runs what no service needs"),
        ):
            if pattern.fullmatch(name):
                findings.append(Finding(kind, entry.path, why))
    if entry.kind == "file" and BRINGS_PACKAGES.search(entry.path):
        findings.append(Finding("packages", entry.path, "it installs what somebody brings in"))
    if entry.secret:
        findings.append(_secret(entry))
    return findings


def _secret(entry: Entry, layer: str = "") -> Finding:
    return Finding("secret", entry.path, f"{entry.secret}{layer}")


def _writable(entry: Entry, user: str) -> list[Finding]:
    """Whether the image's own user could change it; for root see `_user`."""
    uid, _, gid = user.partition(":")
    if entry.kind not in {"file", "folder"} or SCRATCH.search(entry.path):
        return []
    if entry.mode & OTHERS_WRITE:
        return [Finding("writable", entry.path, "everybody can change it")]
    if str(entry.uid) == uid and uid != "0":
        return [Finding("writable", entry.path, f"it is the user's own ({uid})")]
    if str(entry.gid) == gid and gid != "0" and entry.mode & GROUP_WRITES:
        return [Finding("writable", entry.path, f"the user's group can change it ({gid})")]
    return []
