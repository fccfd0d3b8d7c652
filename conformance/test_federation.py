"""Users from an identity provider: another pool of the same server plays it."""

import html
import json
import re
import urllib.parse

import pytest

from conftest import claims, endpoint, fetched, refused, unique
from test_oauth import CALLBACK, Browser, domain, session  # noqa: F401 (a fixture)
from test_users import ALL_FLOWS, ANNA, PASSWORD, make, plain  # noqa: F401 (a fixture)


@pytest.fixture
def federated(cognito, make):  # noqa: F811
    """A pool whose users come from another one; both with domains."""

    def made(mapping=None, client=None, provider=None, **settings):
        theirs, _ = make()
        cognito.create_user_pool_domain(UserPoolId=theirs["Id"], Domain=unique("theirs"))
        ours, _ = make(**settings)
        prefix = unique("ours")
        cognito.create_user_pool_domain(UserPoolId=ours["Id"], Domain=prefix)
        domain = fetched(f"/{ours['Id']}/.well-known/openid-configuration")["authorization_endpoint"].rsplit("/oauth2", 1)[0]
        pages = {
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email", "profile"],
        }
        partner = cognito.create_user_pool_client(
            UserPoolId=theirs["Id"], ClientName="partner", GenerateSecret=True,
            CallbackURLs=[f"{domain}/oauth2/idpresponse"], **pages,
        )["UserPoolClient"]  # fmt: skip
        user = {"UserPoolId": theirs["Id"], "Username": "Anna"}
        given = [{"Name": "email", "Value": ANNA}, {"Name": "name", "Value": "Anna Example"}]
        cognito.admin_create_user(**user, UserAttributes=given, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        cognito.create_identity_provider(
            UserPoolId=ours["Id"], ProviderName="Partner", ProviderType="OIDC",
            ProviderDetails={
                "client_id": partner["ClientId"], "client_secret": partner["ClientSecret"],
                "authorize_scopes": "openid email profile", "oidc_issuer": f"{endpoint()}/{theirs['Id']}",
                "attributes_request_method": "GET", **(provider or {}),
            },
            AttributeMapping=mapping or {"email": "email", "name": "name"},
            IdpIdentifiers=["orders.example"],
        )  # fmt: skip
        app = cognito.create_user_pool_client(
            UserPoolId=ours["Id"], ClientName="pages", CallbackURLs=[CALLBACK], ExplicitAuthFlows=ALL_FLOWS,
            **{**pages, "SupportedIdentityProviders": ["COGNITO", "Partner"], **(client or {})},
        )["UserPoolClient"]  # fmt: skip
        return theirs, ours, app, domain

    return made


def ask(domain, app, **more):
    oauth = session(app, scope="openid email profile")
    address, _ = oauth.create_authorization_url(f"{domain}/oauth2/authorize", **more)
    return oauth, address


def elsewhere(browser, address):
    """Signs in at the provider."""
    browser.open("GET", address)
    assert "theirs" in browser.at, browser.at
    return browser.submit(username="Anna", password=PASSWORD)


def test_somebody_from_elsewhere(cognito, federated):
    theirs, ours, app, domain = federated()
    browser = Browser()
    oauth, address = ask(domain, app)
    page = browser.open("GET", address)
    link = re.search(r'class="provider" href="([^"]*)">Continue with Partner', html.unescape(page.text)).group(1)
    back = elsewhere(browser, urllib.parse.urljoin(browser.at, link))
    tokens = oauth.fetch_token(f"{endpoint()}/{ours['Id']}/oauth2/token", authorization_response=back)
    subject = cognito.admin_get_user(UserPoolId=theirs["Id"], Username="Anna")
    subject = plain(subject)["sub"]
    identity = claims(tokens["id_token"])
    assert identity["cognito:username"] == f"Partner_{subject}" and identity["email"] == ANNA
    assert identity["cognito:groups"] == [f"{ours['Id']}_Partner"]
    (origin,) = identity["identities"]
    assert (origin["userId"], origin["providerName"], origin["providerType"]) == (subject, "Partner", "OIDC")
    # Texts in the claim, values in the attribute.
    assert origin["primary"] == "true" and origin["issuer"] is None and origin["dateCreated"].isdigit()
    user = cognito.admin_get_user(UserPoolId=ours["Id"], Username=f"Partner_{subject}")
    assert user["UserStatus"] == "EXTERNAL_PROVIDER"
    kept = plain(user)
    assert json.loads(kept["identities"])[0]["primary"] is True and kept["email_verified"] == "false"
    assert list(kept)[:2] == ["sub", "identities"]
    members = cognito.list_users_in_group(UserPoolId=ours["Id"], GroupName=f"{ours['Id']}_Partner")["Users"]
    assert [one["Username"] for one in members] == [f"Partner_{subject}"]
    # No password, none to be had.
    app_user = {"ClientId": app["ClientId"], "Username": f"Partner_{subject}"}
    assert refused(cognito.forgot_password, **app_user)[0] == "NotAuthorizedException"
    # The browser stays signed in here.
    _, address = ask(domain, app)
    assert "code=" in browser.open("GET", address)


def test_again_with_other_attributes(cognito, federated):
    theirs, ours, app, domain = federated()
    browser = Browser()
    _, address = ask(domain, app, identity_provider="Partner")
    elsewhere(browser, address)
    changed = [{"Name": "name", "Value": "Anna Changed"}]
    cognito.admin_update_user_attributes(UserPoolId=theirs["Id"], Username="Anna", UserAttributes=changed)
    other = Browser()
    oauth, address = ask(domain, app, idp_identifier="orders.example")
    back = elsewhere(other, address)
    tokens = oauth.fetch_token(f"{endpoint()}/{ours['Id']}/oauth2/token", authorization_response=back)
    assert claims(tokens["id_token"])["name"] == "Anna Changed"
    assert cognito.describe_user_pool(UserPoolId=ours["Id"])["UserPool"]["EstimatedNumberOfUsers"] == 1


def test_a_client_with_one_provider_only_goes_there(federated):
    _, _, app, domain = federated(client={"SupportedIdentityProviders": ["Partner"]})
    browser = Browser()
    oauth, address = ask(domain, app)
    assert "code=" in elsewhere(browser, address)
    # Its own pages take no password, whatever address one types.
    login = browser.open("GET", f"{domain}/login?{urllib.parse.urlsplit(address).query}")
    assert 'name="password"' not in login.text and "Continue with Partner" in login.text
    form = {"_csrf": browser.kept["XSRF-TOKEN"], "username": "nobody", "password": PASSWORD}
    for path in ("/login", "/signup", "/forgotPassword"):
        answer = browser.open("POST", f"{domain}{path}?{urllib.parse.urlsplit(address).query}", data=form)
        assert answer.status_code == 403 and "come from Partner only" in answer.text, path


def test_cases_of_names(cognito, federated):
    theirs, ours, app, domain = federated(
        mapping={"username": "cognito:username", "email": "email"}, UsernameConfiguration={"CaseSensitive": False}
    )
    _, address = ask(domain, app, identity_provider="Partner")
    elsewhere(Browser(), address)
    (user,) = cognito.list_users(UserPoolId=ours["Id"])["Users"]
    assert user["Username"] == "partner_anna"
    assert json.loads(plain(user)["identities"])[0]["userId"] == "Anna"


def test_what_the_pool_requires(federated):
    schema = [{"Name": "phone_number", "Required": True, "Mutable": True}]
    _, _, app, domain = federated(Schema=schema)
    _, address = ask(domain, app, identity_provider="Partner", state="s")
    back = elsewhere(Browser(), address)
    assert back == f"{CALLBACK}?error_description=attributes+required%3A+%5Bphone_number%5D&error=invalid_request&state=s"


def test_what_cannot_change(cognito, federated):
    schema = [{"Name": "name", "AttributeDataType": "String", "Mutable": False}]
    theirs, _, app, domain = federated(Schema=schema)
    _, address = ask(domain, app, identity_provider="Partner", state="s")
    assert "code=" in elsewhere(Browser(), address)
    changed = [{"Name": "name", "Value": "Other"}]
    cognito.admin_update_user_attributes(UserPoolId=theirs["Id"], Username="Anna", UserAttributes=changed)
    back = elsewhere(Browser(), address)
    assert back.startswith(f"{CALLBACK}?error_description=user.name%3A+Attribute+cannot+be+updated.%0A"), back


def test_a_name_taken_in_advance_is_nobody_elses(cognito, federated):
    theirs, ours, app, domain = federated()
    subject = plain(cognito.admin_get_user(UserPoolId=theirs["Id"], Username="Anna"))["sub"]
    # Somebody who knows the subject signs up first, and waits with the password.
    squatter = {"UserPoolId": ours["Id"], "Username": f"Partner_{subject}"}
    cognito.sign_up(ClientId=app["ClientId"], Username=squatter["Username"], Password=PASSWORD)
    cognito.admin_confirm_sign_up(**squatter)
    _, address = ask(domain, app, identity_provider="Partner", state="s")
    back = elsewhere(Browser(), address)
    assert "code=" not in back and "signs+in+with+a+password+here" in back and "error=invalid_request" in back
    assert "identities" not in plain(cognito.admin_get_user(**squatter))


def test_a_wrong_secret(federated):
    _, _, app, domain = federated(provider={"client_secret": "wrong"})
    _, address = ask(domain, app, identity_provider="Partner")
    assert "error_description=Partner+Error+-+400+error+getting+token" in elsewhere(Browser(), address)


def test_an_answer_for_another_browser(federated):
    _, _, app, domain = federated()
    _, address = ask(domain, app, identity_provider="Partner")
    browser = Browser()
    browser.open("GET", address)
    browser.jars.pop(urllib.parse.urlsplit(domain).netloc)
    page = browser.submit(username="Anna", password=PASSWORD)
    assert page.status_code == 400 and "belongs to no sign-in of this browser" in page.text


def test_a_provider_that_is_not_the_clients(cognito, federated):
    _, ours, app, domain = federated(client={"SupportedIdentityProviders": ["COGNITO"]})
    _, address = ask(domain, app, identity_provider="Partner", state="s")
    assert Browser().open("GET", address) == f"{CALLBACK}?error=invalid_request&state=s"


def test_a_provider_elsewhere_is_named(cognito, federated):
    google = {"client_id": "id", "client_secret": "secret", "authorize_scopes": "openid"}
    theirs, ours, app, domain = federated()
    cognito.create_identity_provider(
        UserPoolId=ours["Id"], ProviderName="Google", ProviderType="Google", ProviderDetails=google
    )
    listed = ["COGNITO", "Google"]
    cognito.update_user_pool_client(
        UserPoolId=ours["Id"], ClientId=app["ClientId"], SupportedIdentityProviders=listed, CallbackURLs=[CALLBACK],
        AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["code"], AllowedOAuthScopes=["openid"],
    )  # fmt: skip
    oauth = session(app, scope="openid")
    address, _ = oauth.create_authorization_url(f"{domain}/oauth2/authorize", identity_provider="Google")
    page = Browser().open("GET", address)
    assert page.status_code == 502 and "poolform serve -provider Google=http://" in html.unescape(page.text)


def test_issuers_elsewhere_need_https(cognito, make):  # noqa: F811
    pool, _ = make()
    details = {"client_id": "id", "authorize_scopes": "openid", "attributes_request_method": "GET"}
    body = {"UserPoolId": pool["Id"], "ProviderName": "Far", "ProviderType": "OIDC"}
    for issuer in ["http://idp.example", "http://127.0.0.1.example", "ftp://127.0.0.1"]:
        refusal = refused(cognito.create_identity_provider, **body, ProviderDetails={**details, "oidc_issuer": issuer})
        assert refusal == ("InvalidParameterException", "OIDC endpoint must start with https://"), issuer
