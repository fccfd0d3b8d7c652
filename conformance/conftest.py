"""A client of the endpoint under test whose every answer is checked against botocore's model."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import re
import threading
import urllib.parse
import urllib.request
import uuid

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).parent
NEWER = json.loads((HERE / "newer_members.json").read_text())
CALLED = set()
# Operations that were called with success: by the test that is running, and by all that have passed.
SUCCEEDED = set()
WORKED = {}


def endpoint():
    return os.environ.get("COGNITO_ENDPOINT", "http://127.0.0.1:9229")


def unknown_members(shape, value, path=""):
    """Paths of members that the shape does not have."""
    if value is None:
        return
    if getattr(shape, "is_document_type", False):
        return
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield f"{path}: not a structure"
            return
        for name, inner in value.items():
            at = f"{path}.{name}" if path else name
            if name not in shape.members:
                if at not in NEWER:
                    yield at
            else:
                yield from unknown_members(shape.members[name], inner, at)
    elif shape.type_name == "list":
        for inner in value:
            yield from unknown_members(shape.member, inner, path)
    elif shape.type_name == "map":
        for inner in value.values():
            yield from unknown_members(shape.value, inner, path)
    elif shape.type_name == "timestamp":
        if not isinstance(value, (int, float)):
            yield f"{path}: {value!r} is not a number of seconds"
    elif shape.type_name == "string":
        if not isinstance(value, str):
            yield f"{path}: {value!r} is not text"
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: {value!r} is not a truth value"
    elif shape.type_name in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}: {value!r} is not a whole number"


# Making a client is what no two threads may do at once.
MAKING = threading.Lock()


def make_client(region="us-east-1", at=None):
    with MAKING:
        client = boto3.client(
            "cognito-idp",
            endpoint_url=at or endpoint(),
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            # Wrong requests must reach the endpoint.
            config=Config(parameter_validation=False, retries={"max_attempts": 0}),
        )

    def check(response_dict, parsed_response, event_name, **_):
        operation = client.meta.service_model.operation_model(event_name.rsplit(".", 1)[1])
        CALLED.add(operation.name)
        assert response_dict["status_code"] in (200, 400, 404, 500), response_dict["status_code"]
        body = response_dict["body"]
        if response_dict["status_code"] != 200:
            return
        SUCCEEDED.add(operation.name)
        if operation.output_shape is None:
            assert body in (b"", b"{}"), f"{operation.name} answers nothing, got {body[:200]!r}"
            return
        unknown = list(unknown_members(operation.output_shape, json.loads(body)))
        assert not unknown, f"{operation.name}: {unknown}"

    client.meta.events.register("response-received.cognito-idp", check)
    return client


@pytest.fixture(scope="session")
def cognito():
    return make_client()


@pytest.fixture
def pool(cognito):
    """A plain pool, deleted afterwards with all that is in it."""
    made = cognito.create_user_pool(PoolName="conformance")["UserPool"]
    yield made
    remove_pool(cognito, made["Id"])


@pytest.fixture
def client(cognito, pool):
    return cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="client")["UserPoolClient"]


def remove_pool(cognito, pool_id):
    try:
        found = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except cognito.exceptions.ResourceNotFoundException:
        return
    for member in ("Domain", "CustomDomain"):
        if found.get(member):
            cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain=found[member])
    if found.get("DeletionProtection") == "ACTIVE":
        cognito.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool_id)


def messages(pool, to=None):
    """What the pool has sent, newest first: poolform's own API for tests."""
    query = urllib.parse.urlencode({"pool": pool["Id"], **({"to": to} if to else {})})
    with urllib.request.urlopen(f"{endpoint()}/_poolform/messages?{query}") as answer:
        return json.load(answer)["messages"]


def fetched(path):
    """A document of the server, parsed."""
    with urllib.request.urlopen(f"{endpoint()}{path}") as answer:
        return json.load(answer)


def refused(call, **body):
    """Code and words of a refusal."""
    with pytest.raises(ClientError) as refusal:
        call(**body)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"]


def claims(token):
    """What a token says, unchecked."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def secret_hash(client, name):
    digest = hmac.new(client["ClientSecret"].encode(), (name + client["ClientId"]).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def unique(word):
    return f"{word}-{uuid.uuid4().hex[:12]}"


def is_date(value):
    return isinstance(value, datetime.datetime)


def name_of(item):
    """FILE::TEST, wherever pytest was started."""
    return f"{item.path.name}::{item.name}"


def expected():
    name = os.environ.get("COGNITO_EXPECTED")
    return json.loads((HERE / "expected" / f"{name}.json").read_text()) if name else {}


def pytest_collection_modifyitems(items):
    listed = expected()
    for item in items:
        reason = listed.get(name_of(item))
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
    # What moves the server's clock comes after all that compares it with this machine's; the check of what was called last.
    last = ["a_clock_that_is_moved", "every_operation_was_called"]
    items.sort(key=lambda item: next((at for at, name in enumerate(last, 1) if name in item.nodeid), 0))


FAILED = {}
BROKEN = set()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    # The last phase, so that what fixtures call belongs to the test.
    if call.when == "teardown":
        if outcome.get_result().outcome == "passed" and name_of(item) not in BROKEN:
            for operation in SUCCEEDED:
                WORKED.setdefault(operation, name_of(item))
        SUCCEEDED.clear()
    elif outcome.get_result().outcome != "passed":
        BROKEN.add(name_of(item))
    if call.when == "call" and call.excinfo is not None and outcome.get_result().outcome != "passed":
        text = str(call.excinfo.value).strip().splitlines()
        first = text[0] if text else ""
        # Ids are new in every run.
        first = re.sub(r"us-east-1_[0-9A-Za-z]+|[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+", "ID", first)
        FAILED[name_of(item)] = f"{call.excinfo.typename}: {first}"[:300]


def pytest_sessionfinish():
    """COGNITO_RECORD=moto writes the list of what failed, for expected/moto.json; COGNITO_WORKED=FILE the operations that
    worked, each with the first test that shows it, for operations.py."""
    if os.environ.get("COGNITO_WORKED"):
        pathlib.Path(os.environ["COGNITO_WORKED"]).write_text(json.dumps(dict(sorted(WORKED.items())), indent=1) + "\n")
    name = os.environ.get("COGNITO_RECORD")
    if name:
        text = json.dumps(dict(sorted(FAILED.items())), indent=1, ensure_ascii=False)
        (HERE / "expected" / f"{name}.json").write_text(text + "\n")
