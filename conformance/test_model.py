"""The API model that poolform is built on, against the one that the installed botocore carries."""

import json
import pathlib
import sys

import botocore
import pytest

sys.path.append(str(pathlib.Path(__file__).parent.parent / "crates/model"))
import renew  # noqa: E402


def test_the_model_is_that_of_the_botocore_that_it_names():
    kept, now = json.loads(renew.MODEL.read_text()), renew.published()
    lines = renew.differences(kept, now)
    if kept["botocore"] != botocore.__version__ and lines:
        pytest.xfail(f"older than botocore {botocore.__version__}, crates/model/renew.py renews it: {'; '.join(lines)}")
    assert not lines
