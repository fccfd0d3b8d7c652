"""Roots of ../fixtures/roots as their teams' apps meet them: `poolform dev` applies one, runs the functions of its
triggers and serves it; people sign up and sign in by SRP.

    POOLFORM_FOLDER=target/debug pytest conformance/test_roots.py
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

from conftest import SUCCEEDED, claims, make_client, messages, refused
from test_sign_in import respond, srp
from test_users import PASSWORD

FOLDER = os.environ.get("POOLFORM_FOLDER")
pytestmark = pytest.mark.skipif(not FOLDER, reason="POOLFORM_FOLDER does not say where the program is")
ROOTS = pathlib.Path(__file__).parent.parent / "fixtures/roots"
# Seconds that anything may take on a machine that does other work too.
PATIENCE = 60


def waited_for(look, what, said):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    pytest.fail(f"no {what} in {''.join(said)}")


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serves a root: a client, the one pool, and its app client, as the tests of other files have them."""
    running = []

    def serve(name):
        root = tmp_path / name
        shutil.copytree(ROOTS / name, root)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        process = subprocess.Popen(
            [pathlib.Path(FOLDER).resolve() / "poolform", "dev", "-port=0"],
            cwd=root, env={**environment, "HOME": str(tmp_path)}, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said = []

        def read():
            for line in process.stdout:
                said.append(line)

        threading.Thread(target=read, daemon=True).start()
        running.append(process)
        at = waited_for(lambda: re.search(r"Cognito at (http://\S+)", "".join(said)), "address", said)
        monkeypatch.setenv("COGNITO_ENDPOINT", at[1].rstrip("/"))
        cognito = make_client()
        pools = waited_for(lambda: cognito.list_user_pools(MaxResults=60)["UserPools"], "pool", said)
        ids = {"UserPoolId": pools[0]["Id"]}
        clients = waited_for(lambda: cognito.list_user_pool_clients(**ids)["UserPoolClients"], "app client", said)
        pool = cognito.describe_user_pool(**ids)["UserPool"]
        client = cognito.describe_user_pool_client(**ids, ClientId=clients[0]["ClientId"])["UserPoolClient"]
        return cognito, pool, client

    yield serve
    # The page of operations names tests that were written for one.
    SUCCEEDED.clear()
    for process in running:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def sign_up(cognito, client, email, name=None):
    attributes = [{"Name": "email", "Value": email}]
    body = {"ClientId": client["ClientId"], "Username": name or email, "Password": PASSWORD}
    return cognito.sign_up(**body, UserAttributes=attributes)


def tokens(cognito, pool, client, name):
    answer = srp(cognito, pool, client, name).authenticate_user()["AuthenticationResult"]
    return claims(answer["IdToken"]), claims(answer["AccessToken"])


def test_six_functions_of_three_runtimes(served):
    cognito, pool, client = served("six-functions")
    assert set(pool["LambdaConfig"]) >= {"PreSignUp", "PostConfirmation", "PreTokenGeneration", "CustomMessage"}
    body = {"ClientId": client["ClientId"], "Username": "eve@blocked.example", "Password": PASSWORD}
    code, words = refused(cognito.sign_up, **body, UserAttributes=[{"Name": "email", "Value": "eve@blocked.example"}])
    assert (code, words) == (
        "UserLambdaValidationException",
        "PreSignUp failed with error This domain may not sign up.",
    )
    # The function of pre sign-up confirms her.
    assert sign_up(cognito, client, "anna@acme.example")["UserConfirmed"]
    identity, _ = tokens(cognito, pool, client, "anna@acme.example")
    assert identity["stage"] == "dev" and identity["email_verified"] is True
    # The program of pre authentication is one of `provided.al2023`.
    sign_up(cognito, client, "locked@acme.example")
    with pytest.raises(cognito.exceptions.UserLambdaValidationException) as refusal:
        tokens(cognito, pool, client, "locked@acme.example")
    assert refusal.value.response["Error"]["Message"] == "PreAuthentication failed with error This account is locked."
    cognito.forgot_password(ClientId=client["ClientId"], Username="anna@acme.example")
    sent = messages(pool, "anna@acme.example")[0]
    assert sent["subject"] == "A new password"


def test_claims_and_scopes_of_a_versioned_trigger(served):
    cognito, pool, client = served("token-claims")
    sign_up(cognito, client, "anna@acme.example")
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna@acme.example")
    identity, access = tokens(cognito, pool, client, "anna@acme.example")
    assert identity["plan"] == access["plan"] == "gold"
    assert "orders/read" in access["scope"].split()


def test_a_challenge_of_ones_own(served):
    cognito, pool, client = served("custom-challenge")
    sign_up(cognito, client, "anna@acme.example", "anna")
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna")
    body = {"ClientId": client["ClientId"], "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "anna"}}
    first = cognito.initiate_auth(**body)
    assert first["ChallengeParameters"]["question"] == "1 + 2"
    second = respond(cognito, client, first, {"USERNAME": "anna", "ANSWER": "4"})
    assert second["ChallengeName"] == "CUSTOM_CHALLENGE"
    passed = respond(cognito, client, second, {"USERNAME": "anna", "ANSWER": "3"})
    assert claims(passed["AuthenticationResult"]["AccessToken"])["username"] == "anna"


def test_an_installed_module(served):
    cognito, pool, client = served("installed-module")
    clients = cognito.list_user_pool_clients(UserPoolId=pool["Id"])["UserPoolClients"]
    web = next(each for each in clients if each["ClientName"] == "web")
    sign_up(cognito, web, "anna@acme.example")
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna@acme.example")
    identity, access = tokens(cognito, pool, web, "anna@acme.example")
    assert identity["aud"] == access["client_id"] == web["ClientId"]
