"""A client in Java, by nothing but the issuer: the names that it is told must be known to its own resolver."""

import json
import os
import pathlib
import shutil
import subprocess

import jwt
import pytest

from conftest import fetched
from test_oauth import domain  # noqa: F401 (a fixture)
from test_users import make  # noqa: F401 (a fixture)


@pytest.mark.skipif(not (shutil.which("java") or os.environ.get("CI")), reason="no Java on this machine")
def test_a_token_of_a_client(domain):  # noqa: F811
    pool, app, _ = domain(
        client={
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthScopes": ["orders/read"],
            "GenerateSecret": True,
            "CallbackURLs": [],
            "LogoutURLs": [],
        }
    )
    issuer = fetched(f"/{pool['Id']}/.well-known/openid-configuration")["issuer"]
    program = pathlib.Path(__file__).parent / "java" / "Tokens.java"
    given = ["java", str(program), issuer, app["ClientId"], app["ClientSecret"]]
    token, keys = subprocess.run(given, check=True, capture_output=True, text=True).stdout.splitlines()
    key = jwt.PyJWKSet(json.loads(keys)["keys"])[jwt.get_unverified_header(token)["kid"]]
    read = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)
    assert (read["client_id"], read["scope"]) == (app["ClientId"], "orders/read")
