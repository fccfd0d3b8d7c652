"""Makes src/cognito-idp-2016-04-18.json anew from the model that the installed botocore carries, documentation left out.

    pip install --upgrade botocore && python3 crates/model/renew.py

conformance/test_model.py says what the file lacks of the botocore that is installed there.
"""

import json
import pathlib

import botocore
import botocore.loaders

MODEL = pathlib.Path(__file__).parent / "src/cognito-idp-2016-04-18.json"


def without_documentation(model):
    if isinstance(model, dict):
        return {name: without_documentation(value) for name, value in model.items() if not name.startswith("documentation")}
    if isinstance(model, list):
        return [without_documentation(value) for value in model]
    return model


def published():
    """The model of the installed botocore, in the layout of the file."""
    model = botocore.loaders.Loader().load_service_model("cognito-idp", "service-2", "2016-04-18")
    metadata = model["metadata"]
    return {
        "apiVersion": metadata["apiVersion"],
        "targetPrefix": metadata["targetPrefix"],
        "protocol": f"{metadata['protocol']} {metadata['jsonVersion']}",
        "botocore": botocore.__version__,
        "operations": without_documentation(model["operations"]),
        "shapes": without_documentation(model["shapes"]),
    }


def differences(kept, now):
    """A line for each operation and shape that is not the same, and for each member of a shape."""
    lines = []
    for part in ("operations", "shapes"):
        for name in sorted({*kept[part], *now[part]}):
            one, other = kept[part].get(name), now[part].get(name)
            if one == other:
                continue
            if one is None or other is None:
                lines.append(f"{name}: {'new' if one is None else 'gone'}")
                continue
            members = {*one.get("members", {}), *other.get("members", {})}
            changed = [each for each in sorted(members) if one.get("members", {}).get(each) != other.get("members", {}).get(each)]
            lines.append(f"{name}: {', '.join(changed) or 'changed'}")
    return lines


if __name__ == "__main__":
    MODEL.write_text(json.dumps(published(), separators=(",", ":")))
