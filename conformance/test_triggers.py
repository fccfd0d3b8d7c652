"""Triggers: the endpoint under test calls this process, at the port of COGNITO_TRIGGERS.

    poolform serve -trigger pre_sign_up=http://127.0.0.1:PORT/pre_sign_up …, one for each name in NAMES
"""

import http.server
import json
import os
import pathlib
import threading

import pytest

from conftest import claims, messages, refused
from test_sign_in import respond, srp
from test_users import ALL_FLOWS, ANNA, PASSWORD, attributes, make, sign_in, sign_in_call, sign_up, sign_up_refused

PORT = os.environ.get("COGNITO_TRIGGERS")
pytestmark = pytest.mark.skipif(not PORT, reason="COGNITO_TRIGGERS names no port that the endpoint calls")

NAMES = {
    "pre_sign_up": "PreSignUp",
    "custom_message": "CustomMessage",
    "post_confirmation": "PostConfirmation",
    "pre_authentication": "PreAuthentication",
    "post_authentication": "PostAuthentication",
    "pre_token_generation": "PreTokenGeneration",
    "define_auth_challenge": "DefineAuthChallenge",
    "create_auth_challenge": "CreateAuthChallenge",
    "verify_auth_challenge_response": "VerifyAuthChallengeResponse",
    "user_migration": "UserMigration",
}
RECORDED = pathlib.Path(__file__).parent.parent / "fixtures/recorded"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:trigger"


class Triggers:
    """What each trigger does with an event, and the events that came."""

    def __init__(self):
        self.does, self.events = {}, []

    def sources(self):
        return [event["triggerSource"] for event in self.events]

    def declared(self, *names):
        return {"LambdaConfig": {NAMES[name]: FUNCTION for name in names}}


@pytest.fixture
def triggers():
    kept = Triggers()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            kept.events.append(json.loads(json.dumps(event)))
            answer = kept.does.get(self.path[1:], lambda event: event)(event)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def answering(**response):
    return lambda event: {**event, "response": {**event["response"], **response}}


def same_form(event, name):
    """The members of an event are those of a recorded one, the contents of its maps apart."""
    recorded = json.loads((RECORDED / f"event.{name}.json").read_text())
    recorded = recorded.get("event") or recorded.get("response")
    assert set(event) == set(recorded)
    assert set(event["request"]) - {"clientMetadata"} == set(recorded["request"]) - {"clientMetadata"}
    assert event["response"] == recorded["response"] and event["version"] == recorded["version"]
    assert set(event["callerContext"]) == set(recorded["callerContext"])


def test_pre_sign_up_confirms_and_verifies(cognito, make, triggers):
    pool, client = make(AutoVerifiedAttributes=["email"], **triggers.declared("pre_sign_up", "post_confirmation"))
    triggers.does["pre_sign_up"] = answering(autoConfirmUser=True, autoVerifyEmail=True)
    seen = {}
    # A trigger calls back: no transaction is open.
    triggers.does["post_confirmation"] = lambda event: (
        seen.update(cognito.admin_get_user(UserPoolId=pool["Id"], Username=event["userName"])) or event
    )
    made = sign_up(cognito, client, "anna", email=ANNA)
    assert made["UserConfirmed"] is True and "CodeDeliveryDetails" not in made and messages(pool) == []
    assert seen["UserStatus"] == "CONFIRMED"
    assert {"Name": "email_verified", "Value": "true"} in seen["UserAttributes"]
    assert triggers.sources() == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]
    same_form(triggers.events[0], "PreSignUp_SignUp.2021-02")
    same_form(triggers.events[1], "PostConfirmation_ConfirmSignUp.2023-05")
    assert triggers.events[0]["callerContext"]["clientId"] == client["ClientId"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="bert", MessageAction="SUPPRESS")
    same_form(triggers.events[2], "PreSignUp_AdminCreateUser")
    assert triggers.events[2]["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"


def test_refusals_of_triggers(cognito, make, triggers):
    _, client = make(**triggers.declared("pre_sign_up"))
    triggers.does["pre_sign_up"] = lambda event: {"errorMessage": "callback is not a function", "errorType": "TypeError"}
    assert sign_up_refused(cognito, client, name="anna") == (
        "UserLambdaValidationException",
        "PreSignUp failed with error callback is not a function.",
    )
    for nonsense in (b"nonsense", {}, {"response": 1}, []):
        triggers.does["pre_sign_up"] = lambda event: nonsense
        assert sign_up_refused(cognito, client, name="anna") == (
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
        )
    triggers.does["pre_sign_up"] = answering()
    sign_up(cognito, client, "anna")


def test_custom_messages(cognito, make, triggers):
    pool, client = make(AutoVerifiedAttributes=["email"], **triggers.declared("custom_message"))
    triggers.does["custom_message"] = lambda event: answering(
        emailSubject=event["triggerSource"], emailMessage=f"{event['userName']}: {event['request']['codeParameter']}"
    )(event)
    sign_up(cognito, client, "anna", email=ANNA)
    cognito.confirm_sign_up(ClientId=client["ClientId"], Username="anna", ConfirmationCode=messages(pool)[0]["code"])
    cognito.forgot_password(ClientId=client["ClientId"], Username="anna", ClientMetadata={"page": "3"})
    given = attributes(email="bert@orders.example")
    made = cognito.admin_create_user(UserPoolId=pool["Id"], Username="bert", UserAttributes=given)["User"]
    newest = messages(pool)
    assert [message["subject"] for message in newest] == [
        "CustomMessage_AdminCreateUser",
        "CustomMessage_ForgotPassword",
        "CustomMessage_SignUp",
    ]
    assert newest[1]["body"] == f"anna: {newest[1]['code']}"
    assert triggers.events[1]["request"]["clientMetadata"] == {"page": "3"}
    same_form(triggers.events[2], "CustomMessage_AdminCreateUser.2024")
    sub = {entry["Name"]: entry["Value"] for entry in made["Attributes"]}["sub"]
    assert triggers.events[2]["request"]["userAttributes"]["sub"] == sub, "the id that was kept"
    triggers.does["custom_message"] = answering(emailMessage="no code in it")
    body = {"ClientId": client["ClientId"], "Username": "anna"}
    assert refused(cognito.forgot_password, **body)[0] == "InvalidLambdaResponseException"
    assert len(messages(pool)) == 3


def test_around_a_sign_in(cognito, make, triggers):
    names = ("pre_authentication", "post_authentication", "pre_token_generation")
    pool, client = make(**triggers.declared(*names))
    cognito.create_group(UserPoolId=pool["Id"], GroupName="readers")
    sign_up(cognito, client, "anna", email=ANNA)
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna")
    cognito.admin_add_user_to_group(UserPoolId=pool["Id"], Username="anna", GroupName="readers")
    triggers.does["pre_token_generation"] = answering(
        claimsOverrideDetails={
            "claimsToAddOrOverride": {"tenant": "blue", "sub": "forged"},
            "claimsToSuppress": ["email", "aud"],
            "groupOverrideDetails": {"groupsToOverride": ["writers"]},
        }
    )
    result = sign_in(cognito, client, "anna")["AuthenticationResult"]
    identity, access = claims(result["IdToken"]), claims(result["AccessToken"])
    assert identity["tenant"] == "blue" and "email" not in identity and identity["aud"] == client["ClientId"]
    assert identity["sub"] == access["sub"] != "forged" and "tenant" not in access
    assert identity["cognito:groups"] == access["cognito:groups"] == ["writers"]
    assert triggers.sources() == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
    ]
    same_form(triggers.events[0], "PreAuthentication_Authentication")
    same_form(triggers.events[1], "PostAuthentication_Authentication.2025-07")
    same_form(triggers.events[2], "TokenGeneration_Authentication.v1")
    assert triggers.events[2]["request"]["groupConfiguration"]["groupsToOverride"] == ["readers"]
    cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]},
    )
    assert triggers.sources()[3:] == ["TokenGeneration_RefreshTokens"]
    triggers.does["pre_authentication"] = lambda event: {"errorMessage": "closed"}
    closed = ("UserLambdaValidationException", "PreAuthentication failed with error closed.")
    assert refused(sign_in_call(cognito, client, name="anna")) == closed
    assert refused(srp(cognito, pool, client).authenticate_user) == closed


def test_claims_and_scopes_of_the_second_version(cognito, make, triggers):
    config = {"PreTokenGenerationConfig": {"LambdaArn": FUNCTION, "LambdaVersion": "V2_0"}}
    pool, client = make(LambdaConfig=config)
    sign_up(cognito, client, "anna")
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna")
    triggers.does["pre_token_generation"] = answering(
        claimsAndScopeOverrideDetails={
            "idTokenGeneration": {"claimsToAddOrOverride": {"level": 3}},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": {"id": 7}},
                "scopesToAdd": ["orders/read"],
                "scopesToSuppress": ["aws.cognito.signin.user.admin"],
            },
        }
    )
    result = sign_in(cognito, client, "anna")["AuthenticationResult"]
    assert claims(result["IdToken"])["level"] == 3
    access = claims(result["AccessToken"])
    assert access["tenant"] == {"id": 7} and access["scope"] == "orders/read"
    same_form(triggers.events[0], "TokenGeneration_Authentication.v2")


def test_custom_authentication(cognito, make, triggers):
    names = ("define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response")
    pool, client = make(
        client={"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_CUSTOM_AUTH"]}, **triggers.declared(*names)
    )
    sign_up(cognito, client, "anna")
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna")

    def define(event):
        past = event["request"]["session"]
        if past and past[-1]["challengeResult"]:
            return answering(issueTokens=True, failAuthentication=False)(event)
        if len(past) == 2:
            return answering(issueTokens=False, failAuthentication=True)(event)
        return answering(challengeName="CUSTOM_CHALLENGE", issueTokens=False, failAuthentication=False)(event)

    triggers.does["define_auth_challenge"] = define
    triggers.does["create_auth_challenge"] = answering(
        publicChallengeParameters={"question": "6 * 7"},
        privateChallengeParameters={"answer": "42"},
        challengeMetadata="SUM",
    )
    triggers.does["verify_auth_challenge_response"] = lambda event: answering(
        answerCorrect=event["request"]["challengeAnswer"] == event["request"]["privateChallengeParameters"]["answer"]
    )(event)
    body = {"ClientId": client["ClientId"], "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "anna"}}
    challenge = cognito.initiate_auth(**body)
    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert challenge["ChallengeParameters"] == {"question": "6 * 7", "USERNAME": "anna"}
    same_form(triggers.events[0], "DefineAuthChallenge_Authentication.2024-10")
    same_form(triggers.events[1], "CreateAuthChallenge_Authentication.2024-10")
    again = respond(cognito, client, challenge, {"USERNAME": "anna", "ANSWER": "41"})
    assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
    same_form(triggers.events[2], "VerifyAuthChallengeResponse_Authentication.2024-10")
    assert triggers.events[3]["request"]["session"] == [
        {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "SUM"}
    ]
    result = respond(cognito, client, again, {"USERNAME": "anna", "ANSWER": "42"})
    assert claims(result["AuthenticationResult"]["AccessToken"])["username"] == "anna"
    failed = cognito.initiate_auth(**body)
    failed = respond(cognito, client, failed, {"USERNAME": "anna", "ANSWER": "1"})
    assert refused(lambda: respond(cognito, client, failed, {"USERNAME": "anna", "ANSWER": "2"})) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )


def test_users_come_over(cognito, make, triggers):
    pool, client = make(**triggers.declared("user_migration"))
    known = answering(userAttributes={"email": ANNA, "email_verified": "true"}, finalUserStatus="CONFIRMED")
    triggers.does["user_migration"] = lambda event: (
        known(event) if event["request"]["password"] == PASSWORD else {"errorMessage": "Bad password"}
    )
    wrong = refused(sign_in_call(cognito, client, name="anna", password="Wrong-pass-1"))
    assert wrong == ("UserLambdaValidationException", "UserMigration failed with error Bad password.")
    assert claims(sign_in(cognito, client, "anna")["AuthenticationResult"]["IdToken"])["email"] == ANNA
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")
    assert len(triggers.events) == 2, "asked once about a user who is there"
    bert = {"email": "bert@orders.example"}
    triggers.does["user_migration"] = answering(userAttributes=bert, finalUserStatus="RESET_REQUIRED")
    assert refused(sign_in_call(cognito, client, name="bert"))[0] == "PasswordResetRequiredException"
    assert cognito.admin_get_user(UserPoolId=pool["Id"], Username="bert")["UserStatus"] == "RESET_REQUIRED"
    triggers.does["user_migration"] = answering(userAttributes={"email": "cleo@orders.example"})
    assert "AuthenticationResult" in sign_in(cognito, client, "cleo")


def test_nobody_comes_over(cognito, make, triggers):
    pool, client = make(**triggers.declared("user_migration"))
    for response in ({}, {"userAttributes": {}}, {"userAttributes": None, "finalUserStatus": "CONFIRMED"}):
        triggers.does["user_migration"] = answering(**response)
        assert refused(sign_in_call(cognito, client, name="nobody"))[0] == "UserNotFoundException"
        forgotten = refused(cognito.forgot_password, ClientId=client["ClientId"], Username="nobody")
        assert forgotten[0] == "UserNotFoundException"
    assert set(triggers.sources()) == {"UserMigration_Authentication", "UserMigration_ForgotPassword"}
    assert cognito.list_users(UserPoolId=pool["Id"])["Users"] == []


def test_a_lost_password_comes_over(cognito, make, triggers):
    pool, client = make(**triggers.declared("user_migration"))
    triggers.does["user_migration"] = answering(userAttributes={"email": ANNA, "email_verified": "true"})
    app = {"ClientId": client["ClientId"], "Username": "anna"}
    assert cognito.forgot_password(**app)["CodeDeliveryDetails"]["Destination"] == "a***@o***"
    cognito.confirm_forgot_password(**app, ConfirmationCode=messages(pool)[0]["code"], Password=PASSWORD)
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")


def test_codes_for_a_changed_address(cognito, make, triggers):
    pool, client = make(AutoVerifiedAttributes=["email"], **triggers.declared("custom_message"))
    sign_up(cognito, client, "anna", email=ANNA)
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="anna")
    token = sign_in(cognito, client, "anna")["AuthenticationResult"]["AccessToken"]
    cognito.update_user_attributes(AccessToken=token, UserAttributes=attributes(email="anna@other.example"))
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert triggers.sources()[1:] == ["CustomMessage_UpdateUserAttribute", "CustomMessage_VerifyUserAttribute"]
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=messages(pool)[0]["code"])
