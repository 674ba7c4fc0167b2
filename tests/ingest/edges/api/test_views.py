"""What a registration takes."""

import pytest
from pydantic import ValidationError

from services.ingest.edges.api.views import AppIn, DeviceIn


@pytest.mark.parametrize("name", ["doorcam-2", "4.2.10-20260301", "Gehäuse 2", "00012345600012"])
def test_names_of_models_and_builds(name):
    assert DeviceIn(id="cam-1", model=f" {name}", firmware=name).model == name


@pytest.mark.parametrize("name", ["ann@example.org", "Ann, +49 170 5550142", "a\u202eb", " "])
def test_a_model_is_nobodys_name(name):
    with pytest.raises(ValidationError):
        DeviceIn(id="cam-1", model=name)
    with pytest.raises(ValidationError):
        DeviceIn(id="cam-1", model="cam-2", firmware=name)


@pytest.mark.parametrize(
    "id_", ["pc-ingest-0", "pc-ingest-", "_ingest-0", "_ingest", "_monitor", "_clock", "_tester"]
)
@pytest.mark.parametrize("make", [lambda i: DeviceIn(id=i, model="m"), lambda i: AppIn(id=i)])
def test_no_source_is_named_like_our_own_connections(id_, make):
    with pytest.raises(ValidationError):
        make(id_)


def test_an_id_that_only_looks_like_ours_is_taken():
    assert DeviceIn(id="pc-ingested-0", model="m").id == "pc-ingested-0"
