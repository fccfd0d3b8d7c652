"""What `poolform check -format sarif` writes, read by a model of SARIF that is not poolform's."""

import os
import pathlib
import subprocess

import pytest
from sarif_pydantic import Sarif

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
FOLDER = os.environ.get("POOLFORM_FOLDER")


@pytest.mark.skipif(not FOLDER, reason="POOLFORM_FOLDER names the folder of the program")
@pytest.mark.parametrize("root", ["social-sign-in", "looks-and-risk", "tenants"])
def test_the_audit_is_sarif(root):
    program = pathlib.Path(FOLDER) / "poolform"
    command = [program, f"-chdir={FIXTURES / 'roots' / root}", "check", "-local", "-severity", "info", "-format", "sarif"]
    log = Sarif.model_validate_json(subprocess.run(command, capture_output=True, check=True).stdout)
    (run,) = log.runs
    rules = {rule.id for rule in run.tool.driver.rules}
    assert run.results and all(result.rule_id in rules for result in run.results)
    places = [result.locations[0].physical_location for result in run.results]
    assert all(place.artifact_location.uri.endswith(".tf") and place.region.start_line > 0 for place in places)
