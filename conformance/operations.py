"""Makes ../docs/reference/operations.md from what the tests of this directory have called with success.

    COGNITO_WORKED=worked.json COGNITO_ENDPOINT=http://127.0.0.1:9229 pytest conformance
    UPDATE=1 python3 conformance/operations.py worked.json

Without UPDATE=1 it fails when the page is stale.
"""

import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs/reference/operations.md"
MODEL = ROOT / "crates/model/src/cognito-idp-2016-04-18.json"


def page(worked):
    operations = sorted(json.loads(MODEL.read_text())["operations"])
    works = [name for name in operations if name in worked]
    lines = [
        "# Operations of the embedded Cognito",
        "",
        f"**{len(works)} of the {len(operations)} operations** of the API model work. The others answer",
        "`NotImplementedException` and say so.",
        "",
        "Made by `conformance/operations.py` from a run of the conformance suite against `poolform serve`. An operation",
        "works when boto3 called it with success in a test that passed, the answer checked against botocore's model; the",
        "first such test is named.",
        "",
        "| Operation | Works | Shown by |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {name} | yes | `{worked[name]}` |" if name in worked else f"| {name} | no | |" for name in operations]
    return "\n".join(lines) + "\n"


def main():
    made = page(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    if os.environ.get("UPDATE"):
        PAGE.write_text(made)
    elif not PAGE.exists() or PAGE.read_text() != made:
        sys.exit(f"{PAGE.relative_to(ROOT)} is stale: see the head of conformance/operations.py")


if __name__ == "__main__":
    main()
