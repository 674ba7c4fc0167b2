"""The catalogue of metrics is complete and every metric says what it is."""

from prometheus_client import generate_latest

from shared import metrics


def families() -> dict[str, str]:
    """Name and help of every family of ours that the registry shows."""
    return {
        family.name: family.documentation
        for family in metrics.REGISTRY.collect()
        if not family.name.startswith("process_")
    }


def test_every_metric_is_from_the_catalogue_and_has_its_sentence() -> None:
    listed = {family.name for each in metrics.CATALOGUE for family in each.collect()}

    assert set(families()) == listed
    assert len(listed) == len(metrics.CATALOGUE)
    for name, sentence in families().items():
        assert name.startswith("playcaller_"), name
        assert sentence.endswith("."), name
        assert len(sentence) > 20 or name == "playcaller_info", name


def test_every_constant_of_the_module_is_listed() -> None:
    constants = {
        id(value)
        for name, value in vars(metrics).items()
        if name.isupper() and hasattr(value, "collect") and name != "REGISTRY"
    }

    assert constants == {id(each) for each in metrics.CATALOGUE}


def test_a_count_is_seen_in_the_text_format() -> None:
    metrics.REJECTS.labels(reason="test_reason").inc(2)

    text = generate_latest(metrics.REGISTRY).decode()
    assert 'playcaller_ingest_rejects_total{reason="test_reason"} 2.0' in text
    assert "# HELP playcaller_ingest_rejects_total Events or messages refused" in text
