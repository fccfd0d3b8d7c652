"""Every recorded refusal that can be provoked, through boto3."""

import json
import pathlib
import re

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

import pyotp

from conftest import messages, remove_pool

ROWS = json.loads((pathlib.Path(__file__).parent.parent / "crates/emulator/tests/refusals.json").read_text())


def filled(value, answers):
    """`${message.code}` is that of the newest message, `${totp:app.SecretCode}` the code of an authenticator app."""
    if isinstance(value, str):
        def answered(match):
            path = match.group(1)
            if path == "message.code":
                sent = [message for answer in answers.values() if "UserPool" in answer for message in messages(answer["UserPool"])]
                return sent[0]["code"]
            at = answers
            for part in path.removeprefix("totp:").split("."):
                at = at[part]
            return pyotp.TOTP(at).now() if path.startswith("totp:") else at

        return re.sub(r"\$\{([^}]+)\}", answered, value)
    if isinstance(value, list):
        return [filled(item, answers) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, answers) for name, item in value.items()}
    return value


def call(cognito, operation, body, answers):
    return getattr(cognito, xform_name(operation))(**filled(body, answers))


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
def test_refusal(cognito, row):
    answers = {}
    try:
        answers["pool"] = cognito.create_user_pool(PoolName="conformance")
        pool_id = answers["pool"]["UserPool"]["Id"]
        answers["client"] = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="client")
        for name, operation, body in row.get("before", []):
            answers[name] = call(cognito, operation, body, answers)
        with pytest.raises(ClientError) as refused:
            made = call(cognito, *row["request"], answers)
            if "UserPool" in made:
                answers["made"] = made
        error = refused.value.response
        assert error["Error"]["Code"] == row["code"]
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
        message, words = error["Error"]["Message"], filled(row["message"], answers)
        if row.get("compare") == "starts":
            assert message.startswith(words)
        elif row.get("compare") == "ends":
            assert message.startswith(row["starts"]) and message.endswith(words)
        else:
            assert message == words
    finally:
        for answer in answers.values():
            if "UserPool" in answer:
                remove_pool(cognito, answer["UserPool"]["Id"])
