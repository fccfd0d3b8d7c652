"""What poolform offers beside the service: the inspector's pages, the inbox, the last requests, the clock, the reset."""

import html
import time
import urllib.error
import urllib.request

import boto3
import jwt
import pytest
import requests

from conftest import endpoint, fetched, messages, refused, remove_pool
from test_users import ANNA, PASSWORD, confirmed, make, sign_in, sign_in_call, sign_up  # noqa: F401 (a fixture)


def own(path, **given):
    return requests.get(f"{endpoint()}/_poolform/{path}", **given)


def test_pages_show_what_is_there(cognito, make):  # noqa: F811
    pool, client = make(AutoVerifiedAttributes=["email"], UsernameAttributes=["email"])
    sign_up(cognito, client, name="<b>@orders.example")
    overview = own("")
    assert overview.status_code == 200 and pool["Id"] in overview.text and "SignUp" in overview.text
    page = own(f"pools/{pool['Id']}").text
    assert client["ClientId"] in page and "UNCONFIRMED" in page
    assert "<b>@" not in page and "&lt;b&gt;@orders.example" in page, "escaped"
    inbox = own("inbox", params={"pool": pool["Id"]})
    assert messages(pool)[0]["code"] in inbox.text and "<b>@" not in inbox.text
    for answer in (overview, inbox):
        assert answer.headers["x-frame-options"] == "DENY" and "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert own("pools/us-east-1_Nothing00").status_code == 404
    assert own("nothing").status_code == 404


def test_requests_and_their_refusals(cognito, make):  # noqa: F811
    pool, client = make()
    refused(sign_in_call(cognito, client))
    (entry, *_) = own("requests", params={"refused": "true", "user": ANNA, "sign_ins": "true"}).json()["requests"]
    assert entry["operation"] == "InitiateAuth" and entry["client"] == client["ClientId"]
    assert entry["refused"] == ["UserNotFoundException", "User does not exist."]
    assert PASSWORD not in own("requests").text, "no secrets"
    assert html.escape("UserNotFoundException") in own(f"pools/{pool['Id']}").text


def test_other_pages_and_names_are_turned_away():
    foreign = requests.post(f"{endpoint()}/_poolform/reset", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    rebound = own("messages", headers={"Host": "evil.example"})
    assert rebound.status_code == 403


def test_reset_takes_users_and_leaves_the_pool(cognito, make):  # noqa: F811
    pool, client = make()
    tokens = confirmed(cognito, pool, client)
    other, its_client = make()
    confirmed(cognito, other, its_client)
    answer = requests.post(f"{endpoint()}/_poolform/reset", json={"pool": pool["Id"]})
    assert answer.json() == {"pools": [pool["Id"]]}
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["EstimatedNumberOfUsers"] == 0
    assert refused(cognito.get_user, AccessToken=tokens["AccessToken"])[0] == "UserNotFoundException"
    assert cognito.list_users(UserPoolId=other["Id"])["Users"], "the other pool's are there"
    confirmed(cognito, pool, client)
    assert requests.post(f"{endpoint()}/_poolform/reset", json={"pool": "us-east-1_Nothing00"}).status_code == 404


def test_each_region_has_pools_of_its_own(make):  # noqa: F811
    west = boto3.client(
        "cognito-idp", endpoint_url=endpoint(), region_name="eu-west-1", aws_access_key_id="t", aws_secret_access_key="t"
    )
    pool = west.create_user_pool(PoolName="west")["UserPool"]
    try:
        assert pool["Id"].startswith("eu-west-1_") and ":eu-west-1:" in pool["Arn"]
        here, _ = make()
        listed = [one["Id"] for one in west.list_user_pools(MaxResults=60)["UserPools"]]
        assert pool["Id"] in listed and here["Id"] not in listed
        missing = ("ResourceNotFoundException", f"User pool {here['Id']} does not exist.")
        assert refused(west.describe_user_pool, UserPoolId=here["Id"]) == missing
        assert refused(west.create_user_pool_client, UserPoolId=here["Id"], ClientName="c") == missing
        assert refused(west.admin_create_user, UserPoolId=here["Id"], Username="anna") == missing
        assert refused(west.list_users, UserPoolId=here["Id"]) == missing
        west.create_user_pool_domain(UserPoolId=pool["Id"], Domain="west-orders")
        domain = fetched(f"/{pool['Id']}/.well-known/openid-configuration")["authorization_endpoint"]
        assert domain.startswith("http://west-orders.auth.eu-west-1.localhost:")
        answer = requests.post(f"{endpoint()}/oauth2/token", headers={"Host": "west-orders.auth.eu-west-1.localhost"})
        assert answer.status_code in (400, 405)
        elsewhere = requests.get(f"{endpoint()}/health", headers={"Host": "west-orders.auth.us-east-1.localhost"})
        assert elsewhere.status_code == 200, "no domain of that region"
    finally:
        remove_pool(west, pool["Id"])


@pytest.mark.parametrize("given", [{}, {"advance": -1}, {"advance": "soon"}, {"advance": 10**12}])
def test_the_clock_moves_forward_only(given):
    assert requests.post(f"{endpoint()}/_poolform/clock", json=given).status_code == 400


# Runs after all others (conftest.py): it moves the time of the whole server.
def test_a_clock_that_is_moved_ends_tokens(cognito, make):  # noqa: F811
    pool, client = make()
    tokens = confirmed(cognito, pool, client)
    before = own("clock").json()["now"]
    moved = requests.post(f"{endpoint()}/_poolform/clock", json={"advance": 3601}).json()["now"]
    assert moved > before
    assert refused(cognito.get_user, AccessToken=tokens["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has expired",
    )
    by_form = requests.post(f"{endpoint()}/_poolform/clock", data={"advance": "1"}, allow_redirects=False)
    assert (by_form.status_code, by_form.headers["location"]) == (303, "/_poolform/")
    fresh = sign_in(cognito, client, "anna")["AuthenticationResult"]
    issued = jwt.decode(fresh["AccessToken"], options={"verify_signature": False})["iat"]
    assert issued >= time.time() + 3500
    assert cognito.get_user(AccessToken=fresh["AccessToken"])["Username"] == "anna"
