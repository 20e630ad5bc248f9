from __future__ import annotations

import pytest

from edgekit.artifact import sha256_file
from edgekit.benchmarks.suite import load_suite, suite_for_model, suite_names
from edgekit.errors import EdgekitError
from tests.tools import shared

NAMES = ["ad01", "ic01", "kws01", "sww01", "vww01"]


def test_the_suites_of_mlperf_tiny() -> None:
    assert suite_names() == NAMES
    targets = {n: (load_suite(n).quality.metric, load_suite(n).quality.target) for n in NAMES}
    assert targets == {
        "ad01": ("auc", 0.85),
        "ic01": ("top1", 0.85),
        "kws01": ("top1", 0.90),
        "sww01": ("false_detections", 8),
        "vww01": ("top1", 0.80),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_suite_is_found_by_its_reference_model(name: str) -> None:
    suite = load_suite(name)
    path = shared(f"mlperf-tiny/models/{suite.model}")
    assert suite_for_model(sha256_file(path)) == suite


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_fills_the_input(name: str) -> None:
    from edgekit.converters.micro.reader import read_graph

    suite = load_suite(name)
    graph = read_graph(shared(f"mlperf-tiny/models/{suite.model}").read_bytes(), name)
    elements = sum(graph.tensors[i].elements for i in graph.inputs)
    assert suite.sample.bytes == elements * (4 if suite.dut.input == "float32" else 1)
    if suite.sample.classes:
        assert graph.tensors[graph.outputs[0]].elements == len(suite.sample.classes)


def test_another_model_has_no_suite() -> None:
    assert suite_for_model("0" * 64) is None


def test_an_unknown_suite_lists_the_known() -> None:
    with pytest.raises(EdgekitError, match="unknown suite 'kws02'; known: ad01, ic01, kws01"):
        load_suite("kws02")
