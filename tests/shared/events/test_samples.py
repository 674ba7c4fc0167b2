"""Every event type: a sample that round-trips, validates, and that the CloudEvents SDK can read."""

import importlib
import inspect
import json
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared import events, ids
from shared.events import EVENTS, Telemetry, codec
from shared.events.samples import BY_TYPE, SAMPLES
from shared.events.schema import schema

EACH = [pytest.param(sample, id=sample.type_name()) for sample in SAMPLES]


@pytest.fixture(scope="module")
def jsonschema():
    """Imported for who needs it: its patterns take seconds to build, in every process that collects tests."""
    return importlib.import_module("jsonschema")


def test_there_is_one_sample_of_every_type() -> None:
    assert len(SAMPLES) == len(BY_TYPE)
    assert set(BY_TYPE) == set(EVENTS)


def test_every_event_file_is_in_the_catalogue() -> None:
    helpers = {"__init__", "event", "codec", "topics", "samples", "schema"}
    folder = Path(inspect.getfile(events)).parent

    assert {path.stem for path in folder.glob("*.py")} - helpers == {
        event.type_name() for event in EVENTS
    }


@pytest.mark.parametrize("sample", EACH)
def test_a_sample_comes_back_as_it_was(sample) -> None:
    value = codec.encode(sample)

    assert codec.decode(value) == sample
    assert json.loads(value)["type"] == sample.type_name()


@pytest.mark.parametrize("sample", EACH)
def test_a_sample_fits_its_json_schema(jsonschema, sample) -> None:
    validator = jsonschema.Draft202012Validator(schema(type(sample)))
    validator.check_schema(schema(type(sample)))

    validator.validate(json.loads(codec.encode(sample)))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**json.loads(codec.encode(sample)), "type": "no_such_type"})


def message(sample) -> KafkaMessage:
    if isinstance(sample, Telemetry):
        source = codec.telemetry_source(sample)
        id_ = f"{sample.boot}:{sample.seq}"
    else:
        source, id_ = "/journey", ids.derived("journey", "test", sample.type_name())
    made = codec.headers(
        sample,
        source=source,
        id_=id_,
        subject="cus-000009",
        trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    return KafkaMessage(headers=dict(made), key="c:cus-000009", value=codec.encode(sample))


@pytest.mark.parametrize("sample", EACH)
def test_the_cloudevents_sdk_reads_the_same_event(sample) -> None:
    record = message(sample)

    read = from_binary(record, JSONFormat())

    assert isinstance(read, CloudEvent)
    assert read.get_specversion() == "1.0"
    assert read.get_type() == f"io.playcaller.{sample.type_name()}.v1"
    assert read.get_time() == sample.at
    assert read.get_subject() == "cus-000009"
    assert read.get_datacontenttype() == "application/json"
    assert read.get_data() == json.loads(record.value)
    headers = list(record.headers.items())
    ours = (codec.header(headers, "ce_source"), codec.header(headers, "ce_id"))
    assert (read.get_source(), read.get_id()) == ours


@pytest.mark.parametrize("sample", EACH)
def test_the_cloudevents_sdk_writes_the_same_record(sample) -> None:
    record = message(sample)
    # traceparent is a header of its own and no attribute of the event
    expected = {name: value for name, value in record.headers.items() if name != "traceparent"}

    written = to_binary(from_binary(record, JSONFormat()), JSONFormat())

    written.headers.pop("ce_partitionkey")  # the SDK's own way to carry the key
    assert written.headers == expected
    assert codec.decode(written.value) == sample
    assert written.key == record.key
