"""Every root of ../fixtures/roots and every recorded case of plain resources: `poolform dev` applies and serves it, and in each
of its pools somebody signs up, or is made by an administrator, and signs in by SRP.

    POOLFORM_FOLDER=target/debug pytest conformance/test_roots_by_srp.py
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pycognito.aws_srp import AWSSRP

from conftest import SUCCEEDED, claims, make_client, refused, secret_hash

FOLDER = os.environ.get("POOLFORM_FOLDER")
pytestmark = pytest.mark.skipif(not FOLDER, reason="POOLFORM_FOLDER does not say where the program is")
FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
# Seconds that anything may take on a machine that does other work too.
PATIENCE = 60
# Long enough for the strictest policy of the roots, and of all sorts of letters.
PASSWORD = "Secret-pass-1-that-is-long-enough"
# What comes after the password in a pool that wants a second factor.
SECOND = {"SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP", "MFA_SETUP", "SELECT_MFA_TYPE"}
VALUES = {
    "email": "newcomer@acme.example",
    "phone_number": "+15555550100",
    "birthdate": "1990-01-31",
    "updated_at": "1700000000",
    "website": "https://acme.example",
    "picture": "https://acme.example/anna.png",
    "profile": "https://acme.example/anna",
}


def roots():
    """Folders to copy, each with the roots in it."""
    for folder in sorted((FIXTURES / "roots").iterdir()):
        said = folder / "expect.json"
        expect = json.loads(said.read_text()) if said.is_file() else {}
        if "refused" not in expect:
            for root in expect.get("roots", ["."]):
                yield pytest.param(folder, root, id=folder.name if root == "." else f"{folder.name}-{root}")
    for case in sorted((FIXTURES / "golden-raw").iterdir()):
        for step in sorted(case.glob("step-*")):
            yield pytest.param(step, ".", id=f"{case.name}-{step.name}")


class Served:
    """A root as `poolform dev` serves it, applied, in a folder of its own."""

    def __init__(self, home, folder, root):
        shutil.copytree(folder, home / "root")
        self.folder = home / "root"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self.process = subprocess.Popen(
            [pathlib.Path(FOLDER).resolve() / "poolform", "dev", "-port=0"],
            cwd=self.folder / root, env={**environment, "HOME": str(home)}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def __enter__(self):
        said, applied = [], threading.Event()

        def read():
            for line in self.process.stdout:
                said.append(line)
                # What it says once the apply has ended, well or not.
                if line.startswith("Watching "):
                    applied.set()

        threading.Thread(target=read, daemon=True).start()
        in_time = applied.wait(PATIENCE)
        text = "".join(said)
        if not in_time or "\nerror: " in text:
            self.__exit__()
            pytest.fail(text)
        self.address = re.search(r"Cognito at (http://[^ /]+)", text)[1]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def pools(self):
        """A client of its region for every pool that there is, with the pool."""
        files = (file for file in self.folder.rglob("*") if file.suffix in (".tf", ".tofu", ".json", ".tfvars"))
        texts = [file.read_text() for file in files if ".poolform" not in file.parts]
        regions = set(re.findall(r'"([a-z]{2}-[a-z]+-\d)"', "".join(texts))) | {"us-east-1"}
        for region in sorted(regions):
            cognito = make_client(region, self.address)
            for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
                yield cognito, cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]


def client_by_srp(cognito, pool_id, said):
    """An app client of the root that allows SRP; where none does, one made here, and said."""
    listed = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    for each in listed:
        ids = {"UserPoolId": pool_id, "ClientId": each["ClientId"]}
        client = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
        # Without any flow a client has the usual ones, SRP among them (API page of CreateUserPoolClient).
        flows = client.get("ExplicitAuthFlows") or ["ALLOW_USER_SRP_AUTH"]
        if "ALLOW_USER_SRP_AUTH" in flows or "USER_SRP_AUTH" in flows:
            return client
    said.append(f"{pool_id}: none of its {len(listed)} app clients allows SRP; one of this test does.")
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    body = {"UserPoolId": pool_id, "ClientName": "of-the-test", "ExplicitAuthFlows": flows}
    return cognito.create_user_pool_client(**body)["UserPoolClient"]


def hash_for(client, name):
    return {"SecretHash": secret_hash(client, name)} if client.get("ClientSecret") else {}


def newcomer(cognito, pool, client):
    """Somebody new, with all that the pool requires: by sign-up, or where only administrators make users, by one."""
    # Nobody is told where to confirm an address without a domain.
    template = pool.get("VerificationMessageTemplate", {})
    by_link = template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK" and not pool.get("Domain")
    by = pool.get("UsernameAttributes", [])
    name = "+15555550100" if by == ["phone_number"] else VALUES["email"] if by else "newcomer"
    required = {each["Name"] for each in pool["SchemaAttributes"] if each.get("Required")} - {"sub"}
    given = required | ({"email"} if "phone_number" not in by else set())
    attributes = [{"Name": each, "Value": VALUES.get(each, "newcomer")} for each in sorted(given)]
    ids = {"UserPoolId": pool["Id"], "Username": name}
    if by_link or pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"):
        cognito.admin_create_user(**ids, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
        return name
    body = {"ClientId": client["ClientId"], "Username": name, "Password": PASSWORD, **hash_for(client, name)}
    if not cognito.sign_up(**body, UserAttributes=attributes)["UserConfirmed"]:
        cognito.admin_confirm_sign_up(**ids)
    return name


def by_srp(cognito, pool, client, name):
    """What the password leads to: tokens, or the next challenge."""
    secret = {"client_secret": client["ClientSecret"]} if client.get("ClientSecret") else {}
    srp = AWSSRP(username=name, password=PASSWORD, pool_id=pool["Id"], client_id=client["ClientId"], client=cognito, **secret)
    given = srp.get_auth_params()
    first = cognito.initiate_auth(ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH", AuthParameters=given)
    assert first["ChallengeName"] == "PASSWORD_VERIFIER"
    responses = srp.process_challenge(first["ChallengeParameters"], given)
    second = {"ClientId": client["ClientId"], "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
    return cognito.respond_to_auth_challenge(**second)


def signed_in(home, folder, root):
    """Somebody signs in to each pool of a root; what is to be said of it."""
    said = []
    with Served(home, folder, root) as served:
        pools = list(served.pools())
        assert pools, "no pool"
        for cognito, pool in pools:
            client = client_by_srp(cognito, pool["Id"], said)
            name = newcomer(cognito, pool, client)
            if pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode") == "ENFORCED":
                # It refuses what it does not have (docs/reference/local.md).
                assert "Risk scoring" in refused(by_srp, cognito=cognito, pool=pool, client=client, name=name)[1]
                said.append(f"{pool['Name']}: risk scoring is refused.")
                continue
            answer = by_srp(cognito, pool, client, name)
            if pool.get("MfaConfiguration") == "ON":
                assert answer.get("ChallengeName") in SECOND, answer
                continue
            tokens = answer["AuthenticationResult"]
            identity, access = claims(tokens["IdToken"]), claims(tokens["AccessToken"])
            assert identity["aud"] == access["client_id"] == client["ClientId"]
            assert identity["iss"].endswith(pool["Id"]) and identity["sub"] == access["sub"]
    return said


@pytest.fixture(scope="module")
def under_way(request, tmp_path_factory):
    """All that is asked for, begun at once: each waits more than it works."""
    with ThreadPoolExecutor(max_workers=6) as workers:
        begun = {}
        for item in request.session.items:
            given = getattr(getattr(item, "callspec", None), "params", {})
            if item.path == request.path and "folder" in given:
                home = tmp_path_factory.mktemp("root")
                begun[given["folder"], given["root"]] = workers.submit(signed_in, home, given["folder"], given["root"])
        yield begun
    # The page of operations names tests that were written for one.
    SUCCEEDED.clear()


@pytest.mark.parametrize("folder, root", list(roots()))
def test_people_sign_in_to_it_by_srp(under_way, folder, root):
    for line in under_way[folder, root].result(PATIENCE * 4):
        print(line)
    SUCCEEDED.clear()


def test_functions_are_those_of_their_own_region(tmp_path):
    """Each pool's function confirms who signs up to it."""
    with Served(tmp_path, FIXTURES / "roots/functions-by-region", ".") as served:
        pools = list(served.pools())
        assert {pool["Id"].split("_")[0] for _, pool in pools} == {"eu-central-1", "us-west-2"}
        for cognito, pool in pools:
            client = client_by_srp(cognito, pool["Id"], [])
            body = {"ClientId": client["ClientId"], "Username": "anna", "Password": PASSWORD}
            assert cognito.sign_up(**body)["UserConfirmed"], pool["Name"]
    SUCCEEDED.clear()
