"""The list of what is inside: one component for each line of the lock, and valid CycloneDX."""

import json
import re

import pytest

from deploy.lock import IMAGE_LOCK, LOCK, SERVICES_NEED, blocks
from tools.supply import sbom

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["environment", "image"])
def made(request):
    lock = LOCK if request.param == "environment" else IMAGE_LOCK
    text = sbom.make(lock, SERVICES_NEED)
    return blocks(lock.read_text("utf-8")), text, json.loads(text)


def test_it_says_whose_it_is(made):
    _, _, document = made
    assert document["specVersion"] == "1.6"
    assert document["metadata"]["component"]["name"] == "playcaller"


def test_what_is_no_cyclonedx_is_refused(monkeypatch):
    monkeypatch.setattr(sbom, "licence", lambda _: {"license": {"id": "no licence of SPDX's list"}})
    with pytest.raises(sbom.NoSbom, match="no licence of SPDX"):
        sbom.make(IMAGE_LOCK, SERVICES_NEED)


def test_every_line_of_the_lock_is_a_component_with_its_hashes(made):
    lines, _, document = made
    found = {sbom.plain(each["name"]): each for each in document["components"]}
    assert found.keys() == lines.keys()
    for name, line in lines.items():
        version = re.search(r"==([^\s;\\]+)", line).group(1)
        assert found[name]["version"] == version
        assert found[name]["purl"].startswith(f"pkg:pypi/{name}@{version}")
        listed = {
            one["content"]
            for reference in found[name]["externalReferences"]
            for one in reference.get("hashes", [])
        }
        assert listed == set(re.findall(r"sha256:([0-9a-f]{64})", line)), name


def test_licences_are_there_where_packages_name_them(made):
    _, _, document = made
    found = {each["name"]: each.get("licenses") for each in document["components"]}
    without = sorted(name for name, licences in found.items() if not licences)
    assert len(without) <= len(found) // 20, without
    assert found["aiokafka"] == [{"expression": "Apache-2.0"}]
    assert found["mqtt5"] == [{"license": {"name": "BSD License"}}]


def test_what_needs_what(made):
    _, _, document = made
    needs = {each["ref"].partition("@")[0]: each["dependsOn"] for each in document["dependencies"]}
    assert any(ref.startswith("pkg:pypi/starlette@") for ref in needs["pkg:pypi/fastapi"])
    root = needs[document["metadata"]["component"]["bom-ref"]]
    assert {ref.partition("@")[0] for ref in root} >= {"pkg:pypi/aiokafka", "pkg:pypi/asyncpg"}


def test_a_broken_document_is_refused(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("not a requirement at all ==\n", "utf-8")
    with pytest.raises(sbom.NoSbom):
        sbom.make(lock, [])
