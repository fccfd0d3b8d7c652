"""What a domain offers, as Authlib and a browser without scripts use it."""

import html
import json
import re
import urllib.parse

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from conftest import claims, endpoint, fetched, messages, refused, unique
from test_sign_in import checked
from test_users import ALL_FLOWS, ANNA, PASSWORD, SMS, attributes, make

CALLBACK = "https://app.example/callback"


class Loopback(requests.adapters.HTTPAdapter):
    """What browsers do and Python does not: a name under localhost is this machine (RFC 6761, 6.3). For the browser alone;
    apps ask where the discovery document says."""

    def send(self, request, **options):
        name = urllib.parse.urlsplit(request.url).netloc
        request.headers["Host"] = name
        request.url = request.url.replace(name, urllib.parse.urlsplit(endpoint()).netloc, 1)
        return super().send(request, **options)


@pytest.fixture
def domain(cognito, make):
    """A pool with a domain, a user, a resource server and a client of pages."""

    def made(client=None, **settings):
        pool, _ = make(**settings)
        ids = {"UserPoolId": pool["Id"]}
        prefix = unique("conformance")
        cognito.create_user_pool_domain(**ids, Domain=prefix)
        cognito.create_resource_server(
            **ids, Identifier="orders", Name="orders", Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}]
        )
        body = {
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code", "implicit"],
            "AllowedOAuthScopes": ["openid", "email", "profile", "orders/read"],
            "CallbackURLs": [CALLBACK],
            "LogoutURLs": ["https://app.example/bye"],
            "ExplicitAuthFlows": ALL_FLOWS,
            **(client or {}),
        }
        app = cognito.create_user_pool_client(**ids, ClientName="pages", **body)["UserPoolClient"]
        user = {**ids, "Username": "anna"}
        given = attributes(email=ANNA, email_verified="true", nickname="A", phone_number="+15555550100")
        cognito.admin_create_user(**user, UserAttributes=given, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        return pool, app, fetched(f"/{pool['Id']}/.well-known/openid-configuration")

    return made


def session(app=None, **more):
    given = {"client_id": app["ClientId"], "client_secret": app.get("ClientSecret")} if app else {}
    method = "client_secret_basic" if given.get("client_secret") else "none"
    return OAuth2Session(**given, redirect_uri=CALLBACK, token_endpoint_auth_method=method, **more)


class Browser:
    """Follows redirects of the domain, fills in forms, keeps cookies."""

    def __init__(self):
        self.web = requests.Session()
        self.web.mount("http://", Loopback())
        self.jars = {}
        self.at = ""

    @property
    def kept(self):
        """The cookies of the host where the browser is."""
        return self.jars.setdefault(urllib.parse.urlsplit(self.at).netloc, {})

    def open(self, method, url, **given):
        for _ in range(6):
            self.at = url
            header = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.kept.items())}
            answer = self.web.request(method, url, allow_redirects=False, headers=header, **given)
            for name, value in answer.cookies.items():
                self.kept[name] = value
            if "cognito=; Max-Age=0" in answer.headers.get("set-cookie", ""):
                self.kept.pop("cognito", None)
            self.web.cookies.clear()
            if answer.status_code != 302:
                self.page = answer
                return answer
            url = urllib.parse.urljoin(url, answer.headers["location"])
            if url.startswith("https://app.example"):
                self.at = url
                return url
            method, given = "GET", {}
        raise AssertionError("redirects without an end")

    def submit(self, **typed):
        text = self.page.text
        hidden = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', text)
        }
        action = html.unescape(re.search(r'action="([^"]*)"', text).group(1))
        return self.open("POST", urllib.parse.urljoin(self.at, action), data={**hidden, **typed})


def sign_in(oauth, discovered, **more):
    address, state = oauth.create_authorization_url(discovered["authorization_endpoint"], **more)
    browser = Browser()
    assert browser.open("GET", address).status_code == 200
    back = browser.submit(username="anna", password=PASSWORD)
    return browser, back, state


def test_code_with_pkce(cognito, domain):
    pool, app, discovered = domain()
    verifier = generate_token(48)
    oauth = session(app, scope="openid email orders/read", code_challenge_method="S256")
    browser, back, state = sign_in(oauth, discovered, code_verifier=verifier, nonce="n-1")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
    assert query["state"] == [state] and len(query["code"][0]) == 36
    tokens = oauth.fetch_token(discovered["token_endpoint"], authorization_response=back, code_verifier=verifier)
    assert [name for name in tokens if name != "expires_at"] == [
        "id_token", "access_token", "refresh_token", "expires_in", "token_type",
    ]  # fmt: skip
    identity = checked(pool, tokens["id_token"], audience=app["ClientId"])
    assert identity["nonce"] == "n-1" and identity["email"] == ANNA and len(identity["at_hash"]) == 22
    assert "nickname" not in identity, "not in the scopes"
    access = checked(pool, tokens["access_token"])
    assert access["scope"] == "openid email orders/read" and access["version"] == 2
    info = oauth.get(discovered["userinfo_endpoint"]).json()
    assert info == {"sub": access["sub"], "email": ANNA, "email_verified": "true", "username": "anna"}
    scope = refused(cognito.get_user, AccessToken=tokens["access_token"])
    assert scope[0] == "NotAuthorizedException", "without aws.cognito.signin.user.admin"
    again = oauth.refresh_token(discovered["token_endpoint"], refresh_token=tokens["refresh_token"])
    assert claims(again["access_token"])["origin_jti"] == access["origin_jti"]
    # The code has been used.
    replayed = session(app, scope="openid").post(
        discovered["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "client_id": app["ClientId"],
            "code": query["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        },
        withhold_token=True,
    )
    assert (replayed.status_code, replayed.json()) == (400, {"error": "invalid_grant"})
    # The inspector shows why, and no code.
    (entry, *_) = fetched(f"/_poolform/requests?pool={pool['Id']}&refused=true")["requests"]
    assert (entry["operation"], entry["refused"]) == ("POST /oauth2/token", ["400", "invalid_grant"])
    assert query["code"][0] not in json.dumps(fetched("/_poolform/requests"))
    # The browser has signed in: the next client's request needs no form.
    address, _ = oauth.create_authorization_url(discovered["authorization_endpoint"], code_verifier=verifier)
    assert "code=" in browser.open("GET", address)
    bye = {"client_id": app["ClientId"], "logout_uri": "https://app.example/bye"}
    assert browser.open("GET", f"{discovered['end_session_endpoint']}?{urllib.parse.urlencode(bye)}") == "https://app.example/bye"
    assert browser.open("GET", address).status_code == 200, "asked again"
    revoked = oauth.revoke_token(discovered["revocation_endpoint"], token=tokens["refresh_token"])
    assert revoked.status_code == 200
    assert oauth.get(discovered["userinfo_endpoint"]).status_code == 401


def post(discovered, **form):
    return requests.post(discovered["token_endpoint"], data=form)


@pytest.mark.parametrize(
    "change, answered",
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "unauthorized_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"code": "00000000-0000-4000-8000-000000000000"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
def test_a_code_is_good_for_whom_it_was_given(domain, change, answered):
    _, app, discovered = domain()
    verifier = generate_token(48)
    oauth = session(app, scope="openid", code_challenge_method="S256")
    _, back, _ = sign_in(oauth, discovered, code_verifier=verifier)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": app["ClientId"],
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
        **change,
    }
    answer = post(discovered, **{name: value for name, value in form.items() if value is not None})
    assert (answer.status_code, answer.json()) == (400, {"error": answered})


def test_the_client_itself(domain):
    pool, app, discovered = domain(
        client={
            "GenerateSecret": True,
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthScopes": ["orders/read"],
            "CallbackURLs": [],
        }
    )
    oauth = session(app, scope="orders/read")
    tokens = oauth.fetch_token(discovered["token_endpoint"], grant_type="client_credentials")
    assert [name for name in tokens if name != "expires_at"] == ["access_token", "expires_in", "token_type"]
    access = checked(pool, tokens["access_token"])
    assert access["sub"] == access["client_id"] == app["ClientId"] and access["scope"] == "orders/read"
    credentials = {"grant_type": "client_credentials", "client_id": app["ClientId"]}
    wrong = post(discovered, **credentials, client_secret="wrong")
    assert wrong.json() == {"error": "invalid_client", "error_description": "invalid_client_secret"}
    proper = {**credentials, "client_secret": app["ClientSecret"]}
    assert post(discovered, **proper, scope="openid").json() == {"error": "invalid_scope"}


def test_requests_that_do_not_hold(domain):
    _, app, discovered = domain(client={"AllowedOAuthFlows": ["code"]})
    browser = Browser()
    good = {"client_id": app["ClientId"], "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}
    ask = lambda **change: browser.open(
        "GET",
        f"{discovered['authorization_endpoint']}?{urllib.parse.urlencode({**good, **change})}",
    )
    foreign = ask(redirect_uri="https://evil.example/")
    assert foreign.status_code == 400 and "redirect_mismatch" in foreign.text
    assert ask(client_id="nobody").status_code == 400
    assert ask(response_type="") == f"{CALLBACK}?error=invalid_request&state=s"
    assert ask(response_type="token") == f"{CALLBACK}?error=unauthorized_client&state=s"
    assert ask(scope="openid orders/write") == f"{CALLBACK}?error=invalid_scope&state=s"
    assert ask(code_challenge="x") == f"{CALLBACK}?error=invalid_request&state=s"
    page = ask()
    assert page.headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and "access-control-allow-origin" not in page.headers
    assert "Incorrect username or password." in browser.submit(username="anna", password="Wrong-pass-1").text
    browser.kept.pop("XSRF-TOKEN")
    assert browser.submit(username="anna", password=PASSWORD).status_code == 403


def test_under_the_address_of_the_server(domain):
    """All that a domain offers stands at http://127.0.0.1:PORT/POOL_ID too, for programs that resolve no name under localhost."""
    pool, app, discovered = domain()
    own = f"{endpoint()}/{pool['Id']}"
    for name, path in [("token", "token"), ("userinfo", "userInfo"), ("revocation", "revoke")]:
        assert discovered[f"{name}_endpoint"] == f"{own}/oauth2/{path}"
    wish = {"client_id": app["ClientId"], "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}
    browser = requests.Session()
    page = browser.get(f"{own}/oauth2/authorize", params=wish)
    assert page.status_code == 200 and page.url.startswith(f"{own}/login?")
    # An app of this machine on another port must not get the cookies of the page.
    assert {cookie.path for cookie in browser.cookies} == {f"/{pool['Id']}/"}
    hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text))
    action = html.unescape(re.search(r'action="([^"]*)"', page.text).group(1))
    form = {**hidden, "username": "anna", "password": PASSWORD}
    back = browser.post(urllib.parse.urljoin(page.url, action), data=form, allow_redirects=False).headers["location"]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    # The service reads the query of the token endpoint too.
    query = {"grant_type": "authorization_code", "client_id": app["ClientId"], "redirect_uri": CALLBACK, "code": code}
    header = {"content-type": "application/x-www-form-urlencoded"}
    tokens = requests.post(discovered["token_endpoint"], params=query, headers=header).json()
    assert checked(pool, tokens["id_token"], audience=app["ClientId"])["email"] == ANNA
    again = browser.get(f"{own}/oauth2/authorize", params=wish, allow_redirects=False).headers["location"]
    assert again.startswith(f"{CALLBACK}?code="), "the browser has signed in"
    # Signed out by the domain's name, which asks under the other one too.
    bye = {"client_id": app["ClientId"], "logout_uri": "https://app.example/bye"}
    browser.mount("http://", Loopback())
    goes = {"sec-fetch-mode": "navigate"}
    there = browser.get(discovered["end_session_endpoint"], params=bye, headers=goes, allow_redirects=False).headers["location"]
    assert there.startswith(f"{own}/logout?")
    assert browser.get(there, allow_redirects=False).headers["location"] == "https://app.example/bye"
    assert browser.get(f"{own}/oauth2/authorize", params=wish).status_code == 200, "asked again"
    nobody = f"{endpoint()}/us-east-1_Nobody000/oauth2/token"
    assert requests.post(nobody).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/oauth2/token", "POST"),
        ("GET", "/oauth2/revoke", "POST"),
        ("PUT", "/oauth2/userInfo", "GET, HEAD, POST"),
        ("POST", "/oauth2/authorize", "GET, HEAD"),
        ("POST", "/logout", "GET, HEAD"),
        ("DELETE", "/login", "GET, HEAD, POST"),
        # A link of a message that somebody only looks at does nothing.
        ("HEAD", "/confirmUser", "GET"),
        ("GET", "/confirmForgotPassword", "POST"),
    ],
)
def test_methods_of_the_endpoints(domain, method, path, allowed):
    """Developer guide: the pages on the endpoints name the methods that each supports."""
    pool, _, _ = domain()
    answer = requests.request(method, f"{endpoint()}/{pool['Id']}{path}")
    assert (answer.status_code, answer.headers["allow"], answer.text) == (405, allowed, "")


def test_head_is_get_without_the_text(domain):
    pool, app, _ = domain()
    own = f"{endpoint()}/{pool['Id']}"
    wish = {"client_id": app["ClientId"], "redirect_uri": CALLBACK, "response_type": "code"}
    page = requests.head(f"{own}/login", params=wish)
    assert (page.status_code, page.content) == (200, b"") and page.headers["content-type"].startswith("text/html")
    there = requests.head(f"{own}/oauth2/authorize", params=wish, allow_redirects=False)
    assert there.status_code == 302 and "/login?" in there.headers["location"]
    assert requests.head(f"{endpoint()}/health").status_code == 200
    assert requests.head(f"{own}/.well-known/jwks.json").status_code == 200


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Required String parameter 'client_id' is not present"),
        ({"id_token_hint": "x", "post_logout_redirect_uri": "https://app.example/bye"}, "parameter 'client_id' is not"),
        # streamlit#14601
        ({"client_id": True, "post_logout_redirect_uri": "https://app.example/bye"}, "'redirect_uri' is not present"),
        ({"client_id": True, "logout_uri": "https://app.example/bye/"}, "redirect_mismatch"),
    ],
)
def test_logging_out_wrongly_is_said_on_a_page(domain, asked, words):
    pool, app, discovered = domain()
    given = {name: app["ClientId"] if value is True else value for name, value in asked.items()}
    page = requests.get(f"{endpoint()}/{pool['Id']}/logout", params=given)
    assert page.status_code == 400 and page.headers["content-type"].startswith("text/html")
    text = html.unescape(page.text)
    assert words in text and "logout_uri" in text and "LogoutURLs" in text
    if "logout_uri" in given:
        assert "which has https://app.example/bye." in text, "what is registered"


def test_user_info_needs_openid(domain):
    """simov/grant#189"""
    pool, app, discovered = domain()
    oauth = session(app, scope="email", code_challenge_method="S256")
    verifier = generate_token(48)
    _, back, _ = sign_in(oauth, discovered, code_verifier=verifier)
    tokens = oauth.fetch_token(discovered["token_endpoint"], authorization_response=back, code_verifier=verifier)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    answer = requests.get(discovered["userinfo_endpoint"], headers=bearer)
    said = {"error": "invalid_token", "error_description": "Access token does not contain openid scope"}
    assert (answer.status_code, answer.json()) == (401, said)
    assert answer.headers["www-authenticate"] == f'error="invalid_token", error_description="{said["error_description"]}"'


def test_the_implicit_flow(domain):
    pool, app, discovered = domain()
    browser = Browser()
    wish = {"client_id": app["ClientId"], "redirect_uri": CALLBACK, "response_type": "token", "scope": "openid profile"}
    browser.open("GET", f"{discovered['authorization_endpoint']}?{urllib.parse.urlencode(wish)}")
    back = browser.submit(username="anna", password=PASSWORD)
    given = urllib.parse.parse_qs(urllib.parse.urlsplit(back).fragment)
    assert given["token_type"] == ["Bearer"]
    assert checked(pool, given["id_token"][0], audience=app["ClientId"])["nickname"] == "A"


def test_a_new_password_and_a_second_factor_on_pages(cognito, domain):
    pool, app, discovered = domain(SmsConfiguration=SMS)
    ids = {"UserPoolId": pool["Id"]}
    cognito.set_user_pool_mfa_config(
        **ids, MfaConfiguration="ON", SmsMfaConfiguration={"SmsConfiguration": SMS}
    )
    cognito.admin_set_user_password(**ids, Username="anna", Password="Temporary-1", Permanent=False)
    oauth = session(app, scope="openid")
    address, _ = oauth.create_authorization_url(discovered["authorization_endpoint"])
    browser = Browser()
    browser.open("GET", address)
    assert "Choose a new password" in browser.submit(username="anna", password="Temporary-1").text
    assert "Password not long enough" in browser.submit(answer="short").text
    assert "Code sent to +*******0100" in browser.submit(answer=PASSWORD).text
    assert "Invalid code" in browser.submit(answer="nocode").text
    back = browser.submit(answer=messages(pool)[0]["code"])
    assert "id_token" in oauth.fetch_token(discovered["token_endpoint"], authorization_response=back)


def test_a_session_is_good_on_its_own_side_only(cognito, domain):
    pool, app, discovered = domain()
    ids = {"UserPoolId": pool["Id"]}
    temporary = {**ids, "Username": "anna", "Password": "Temporary-1", "Permanent": False}
    cognito.admin_set_user_password(**temporary)
    browser = Browser()
    wish = {"client_id": app["ClientId"], "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    browser.open("GET", f"{discovered['authorization_endpoint']}?{urllib.parse.urlencode(wish)}")
    shown = browser.submit(username="anna", password="Temporary-1").text
    of_page = html.unescape(re.search(r'name="session" value="([^"]*)"', shown).group(1))
    answer = {"USERNAME": "anna", "NEW_PASSWORD": "Another-pass-1"}
    invalid = ("NotAuthorizedException", "Invalid session for the user.")
    for call, more in ((cognito.respond_to_auth_challenge, {}), (cognito.admin_respond_to_auth_challenge, ids)):
        given = {"ClientId": app["ClientId"], "ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": answer}
        assert refused(call, **given, **more, Session=of_page) == invalid
    # Nothing was written: the temporary password is still the one there is.
    assert cognito.admin_get_user(**ids, Username="anna")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    flow = {"ClientId": app["ClientId"], "AuthFlow": "USER_PASSWORD_AUTH"}
    asked = cognito.initiate_auth(**flow, AuthParameters={"USERNAME": "anna", "PASSWORD": "Temporary-1"})
    assert "Invalid session" in browser.submit(answer="Another-pass-1", session=asked["Session"]).text
    assert cognito.admin_get_user(**ids, Username="anna")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    given = {"ChallengeName": asked["ChallengeName"], "ChallengeResponses": answer, "Session": asked["Session"]}
    cognito.respond_to_auth_challenge(ClientId=app["ClientId"], **given)


def test_a_link_confirms(cognito, domain):
    link = {"DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessageByLink": "Here: {##Confirm##}.", "EmailSubjectByLink": "Hi"}
    pool, app, _ = domain(AutoVerifiedAttributes=["email"], VerificationMessageTemplate=link)
    body = {"ClientId": app["ClientId"], "Username": "bert", "Password": PASSWORD}
    cognito.sign_up(**body, UserAttributes=attributes(email="bert@orders.example"))
    (message,) = messages(pool, "bert")
    assert message["subject"] == "Hi"
    address = re.fullmatch(r'Here: <a href="([^"]*)">Confirm</a>\.', message["body"]).group(1)
    wrong = address.replace(message["code"], "000000" if message["code"] != "000000" else "111111")
    assert Browser().open("GET", wrong).status_code == 400
    assert "confirmed" in Browser().open("GET", address).text
    assert cognito.admin_get_user(UserPoolId=pool["Id"], Username="bert")["UserStatus"] == "CONFIRMED"
    assert Browser().open("GET", address).status_code == 400, "good once"


def test_a_public_client_must_not_be_another(domain):
    _, app, discovered = domain()
    answer = post(discovered, grant_type="refresh_token", client_id=app["ClientId"], refresh_token="no")
    assert answer.json() == {"error": "invalid_grant"}
    web = requests
    body = json.dumps({"grant_type": "refresh_token"})
    as_json = web.post(discovered["token_endpoint"], data=body, headers={"content-type": "application/json"})
    assert (as_json.status_code, as_json.json()) == (400, {"error": "invalid_request"})
    odd = web.post(discovered["token_endpoint"], data=body, headers={"content-type": "text/plain"})
    assert (odd.status_code, odd.text) == (405, "")
    assert web.get(discovered["userinfo_endpoint"]).status_code == 400
