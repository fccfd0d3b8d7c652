"""The pages of a domain: signing up, confirming, a lost password, an authenticator app."""

import html
import re
import urllib.parse

import pyotp
import pytest

from conftest import claims, messages
from test_oauth import CALLBACK, Browser, domain, session  # noqa: F401 (a fixture)
from test_users import ANNA, PASSWORD, make, plain  # noqa: F401 (a fixture)

BERT = "bert@orders.example"
VERIFIED = {"AutoVerifiedAttributes": ["email"]}


def text(page):
    return html.unescape(page.text)


def alert(page):
    """What the page complains of."""
    return re.findall(r'role="alert">([^<]*)', page.text)


@pytest.fixture
def visit(domain):  # noqa: F811
    """A browser on the sign-in page of a client."""

    def visited(client=None, **settings):
        pool, app, discovered = domain(client=client, **settings)
        oauth = session(app, scope="openid email")
        address, _ = oauth.create_authorization_url(discovered["authorization_endpoint"])
        browser = Browser()
        assert browser.open("GET", address).status_code == 200

        def follow(words):
            found = re.search(rf'<a[^>]* href="([^"]*)">{re.escape(words)}</a>', browser.page.text)
            assert found, f"no link {words!r} in {browser.page.text}"
            return browser.open("GET", urllib.parse.urljoin(browser.at, html.unescape(found.group(1))))

        def tokens(back):
            assert isinstance(back, str) and back.startswith(CALLBACK), getattr(back, "text", back)
            return oauth.fetch_token(discovered["token_endpoint"], authorization_response=back)

        return pool, app, browser, follow, tokens

    return visited


def test_somebody_signs_up_confirms_and_is_signed_in(cognito, visit):
    pool, _, browser, follow, tokens = visit(
        **VERIFIED, Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}}
    )
    page = text(follow("Create an account"))
    assert "At least 12 characters, a digit" in page and "E-mail address" in page
    typed = {"username": "bert", "email": BERT}
    short = text(browser.submit(**typed, password="short"))
    assert "Password not long enough" in short and f'value="{BERT}"' in short, "what was typed stays"
    page = browser.submit(**typed, password="long enough 1")
    assert "A code has been sent to b***@o***." in text(page), alert(page)
    wrong = "000000" if messages(pool, "bert")[0]["code"] != "000000" else "111111"
    assert "Invalid verification code provided" in text(browser.submit(code=wrong))
    assert "Another code has been sent" in text(browser.submit(code="", again="yes"))
    back = browser.submit(code=messages(pool, "bert")[0]["code"])
    identity = claims(tokens(back)["id_token"])
    assert (identity["cognito:username"], identity["email_verified"]) == ("bert", True)
    assert cognito.admin_get_user(UserPoolId=pool["Id"], Username="bert")["UserStatus"] == "CONFIRMED"


def test_a_name_that_is_taken_and_one_that_is_not_confirmed(cognito, visit):
    pool, _, browser, follow, tokens = visit(**VERIFIED)
    follow("Create an account")
    assert "User already exists" in text(browser.submit(username="anna", email=BERT, password=PASSWORD))
    browser.submit(username="bert", email=BERT, password=PASSWORD)
    follow("Back to signing in")
    page = browser.submit(username="bert", password=PASSWORD)
    assert "not confirmed yet" in text(page)
    # Confirmed by somebody who has not set the password here: asked for it.
    page = browser.submit(code=messages(pool, "bert")[0]["code"])
    assert "You can sign in now" in text(page) and 'name="password"' in page.text
    assert "access_token" in tokens(browser.submit(username="bert", password=PASSWORD))


def test_a_client_with_a_secret_has_the_same_pages(visit):
    pool, _, browser, follow, tokens = visit(client={"GenerateSecret": True}, **VERIFIED)
    follow("Create an account")
    browser.submit(username="bert", email=BERT, password=PASSWORD)
    assert "access_token" in tokens(browser.submit(code=messages(pool, "bert")[0]["code"]))


def test_the_mark_of_a_registration_is_of_its_user(cognito, visit):
    pool, _, browser, follow, _ = visit(**VERIFIED)
    follow("Create an account")
    browser.submit(username="bert", email=BERT, password=PASSWORD)
    mark = re.search(r'name="registered" value="([^"]*)"', browser.page.text).group(1)
    # Somebody else's account, confirmed with the mark of bert's browser.
    follow("Back to signing in")
    follow("Create an account")
    browser.submit(username="carl", email="carl@orders.example", password=PASSWORD)
    code = messages(pool, "carl")[0]["code"]
    page = browser.submit(code=code, registered=mark)
    assert "You can sign in now" in text(page), "not signed in"


def test_sign_up_closed(visit):
    pool, _, browser, _, _ = visit(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    assert "Create an account" not in browser.page.text
    closed = browser.open("GET", browser.at.replace("/login", "/signup"))
    assert closed.status_code == 403 and "does not let people create accounts" in closed.text


def test_a_lost_password(cognito, visit):
    pool, _, browser, follow, tokens = visit()
    follow("Forgot your password?")
    page = browser.submit(username="anna")
    assert "A code has been sent to a***@o***." in text(page)
    assert "Password not long enough" in text(browser.submit(code="000000", password="x"))
    code = messages(pool, "anna")[0]["code"]
    wrong = "000000" if code != "000000" else "111111"
    assert "Invalid verification code" in text(browser.submit(code=wrong, password="Another-pass-2"))
    assert "has been changed" in text(browser.submit(code=code, password="Another-pass-2"))
    assert "Incorrect username or password." in text(browser.submit(username="anna", password=PASSWORD))
    assert "access_token" in tokens(browser.submit(username="anna", password="Another-pass-2"))


def test_a_reset_by_an_administrator(cognito, visit):
    pool, _, browser, _, tokens = visit()
    cognito.admin_reset_user_password(UserPoolId=pool["Id"], Username="anna")
    assert "must be reset" in text(browser.submit(username="anna", password=PASSWORD))
    page = browser.submit(code=messages(pool, "anna")[0]["code"], password="Another-pass-2")
    assert "has been changed" in text(page)


def test_recovery_by_an_administrator_only(visit):
    only = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    _, _, browser, _, _ = visit(AccountRecoverySetting=only)
    assert "Forgot your password?" not in browser.page.text


def test_nobody_is_told_who_has_an_account(visit):
    _, _, browser, follow, _ = visit(client={"PreventUserExistenceErrors": "ENABLED"})
    follow("Forgot your password?")
    assert "A code has been sent" in text(browser.submit(username="nobody"))


def test_an_authenticator_app_is_set_up_and_used(cognito, visit):
    pool, _, browser, _, tokens = visit()
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool["Id"], MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    page = browser.submit(username="anna", password=PASSWORD)
    assert "Set up an authenticator app" in text(page) and "<svg" in page.text
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.text).group(1)
    again = browser.submit(answer="000000")
    assert "Code mismatch" in text(again) and secret in again.text, "the same key, to be tried again"
    app = pyotp.TOTP(secret)
    assert "access_token" in tokens(browser.submit(answer=app.now()))
    assert cognito.admin_get_user(UserPoolId=pool["Id"], Username="anna")["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"


def test_what_is_typed_is_shown_as_text(visit):
    _, _, browser, follow, _ = visit(**VERIFIED)
    follow("Create an account")
    page = browser.submit(username='"><script>alert(1)</script>', email="<b>", password="x")
    assert "<script" not in page.text and "<b>" not in page.text


@pytest.mark.parametrize("path", ["/signup", "/confirm", "/forgotPassword", "/confirmForgotPassword"])
def test_no_other_page_can_send_a_form(visit, path):
    _, _, browser, _, _ = visit()
    url = browser.at.replace("/login", path)
    answer = browser.web.post(url, data={"username": "anna", "_csrf": "x"}, allow_redirects=False)
    assert answer.status_code == 403
