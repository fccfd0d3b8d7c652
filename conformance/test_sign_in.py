"""Signing in, tokens and second factors, with clients that others wrote: boto3, pycognito, PyJWT, pyotp."""

import time

import jwt
import pyotp
import pytest
from pycognito.aws_srp import AWSSRP, generate_hash_device
from pycognito.exceptions import ForceChangePasswordException

from conftest import claims, endpoint, fetched, messages, refused, secret_hash
from test_users import ALL_FLOWS, ANNA, PASSWORD, SMS, attributes, confirmed, make, sign_in, sign_in_call

WRONG = ("NotAuthorizedException", "Incorrect username or password.")


def checked(pool, token, **options):
    """A token as an application checks it: discovery, keys, signature, issuer, times."""
    discovered = fetched(f"/{pool['Id']}/.well-known/openid-configuration")
    key = jwt.PyJWKClient(discovered["jwks_uri"]).get_signing_key_from_jwt(token).key
    return jwt.decode(token, key, algorithms=["RS256"], issuer=discovered["issuer"], **options)


def respond(cognito, client, challenge, responses, admin_pool=None):
    body = {
        "ClientId": client["ClientId"],
        "ChallengeName": challenge["ChallengeName"],
        "Session": challenge["Session"],
        "ChallengeResponses": responses,
    }
    if admin_pool:
        return cognito.admin_respond_to_auth_challenge(UserPoolId=admin_pool["Id"], **body)
    return cognito.respond_to_auth_challenge(**body)


def srp(cognito, pool, client, name="anna", password=PASSWORD, **more):
    return AWSSRP(
        username=name,
        password=password,
        pool_id=pool["Id"],
        client_id=client["ClientId"],
        client=cognito,
        **more,
    )


def test_tokens_say_what_cognito_says(cognito, make):
    pool, client = make(client={"AccessTokenValidity": 10, "TokenValidityUnits": {"AccessToken": "minutes"}})
    ids = {"UserPoolId": pool["Id"]}
    role = "arn:aws:iam::123456789012:role/admins"
    cognito.create_group(**ids, GroupName="readers", Precedence=5)
    cognito.create_group(**ids, GroupName="admins", Precedence=1, RoleArn=role)
    confirmed(cognito, pool, client, email=ANNA)
    for group in ("readers", "admins"):
        cognito.admin_add_user_to_group(**ids, Username="anna", GroupName=group)
    answer = sign_in(cognito, client, "anna")
    event = answer["ResponseMetadata"]["RequestId"]
    assert answer["ChallengeParameters"] == {}
    result = answer["AuthenticationResult"]
    assert result["ExpiresIn"] == 600 and result["TokenType"] == "Bearer"
    identity = checked(pool, result["IdToken"], audience=client["ClientId"])
    access = checked(pool, result["AccessToken"])
    assert list(identity) == [
        "sub", "cognito:groups", "cognito:preferred_role", "iss", "cognito:username", "origin_jti", "cognito:roles",
        "aud", "event_id", "token_use", "auth_time", "exp", "iat", "jti", "email",
    ]  # fmt: skip
    assert list(access) == [
        "sub", "cognito:groups", "iss", "client_id", "origin_jti", "event_id", "token_use", "scope", "auth_time", "exp",
        "iat", "jti", "username",
    ]  # fmt: skip
    assert identity["cognito:groups"] == access["cognito:groups"] == ["admins", "readers"]
    assert identity["cognito:roles"] == [role] and identity["cognito:preferred_role"] == role
    assert identity["event_id"] == access["event_id"] == event
    assert identity["origin_jti"] == access["origin_jti"] and identity["jti"] != access["jti"]
    assert access["scope"] == "aws.cognito.signin.user.admin" and access["username"] == "anna"
    assert access["exp"] - access["iat"] == 600 and identity["exp"] - identity["iat"] == 3600
    heads = [jwt.get_unverified_header(result[name]) for name in ("IdToken", "AccessToken")]
    assert [sorted(head) for head in heads] == [["alg", "kid"]] * 2 and heads[0]["kid"] != heads[1]["kid"]
    keys = fetched(f"/{pool['Id']}/.well-known/jwks.json")["keys"]
    assert [list(key) for key in keys] == [["alg", "e", "kid", "kty", "n", "use"]] * 2
    assert len(result["RefreshToken"].split(".")) == 5


def test_a_client_reads_what_it_may(cognito, make):
    pool, client = make(client={"ReadAttributes": ["nickname"]})
    result = confirmed(cognito, pool, client, email=ANNA, nickname="A")
    assert claims(result["IdToken"])["nickname"] == "A" and "email" not in claims(result["IdToken"])
    found = cognito.get_user(AccessToken=result["AccessToken"])
    assert [entry["Name"] for entry in found["UserAttributes"]] == ["nickname", "sub"]


def test_flows_are_those_of_the_client(cognito, make):
    pool, client = make(client={"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]})
    passing = {"USERNAME": "anna", "PASSWORD": PASSWORD}
    start = lambda flow, **more: refused(
        cognito.initiate_auth, ClientId=client["ClientId"], AuthFlow=flow, AuthParameters={**passing, **more}
    )
    wrong = "InvalidParameterException"
    assert start("USER_PASSWORD_AUTH") == (wrong, "USER_PASSWORD_AUTH flow not enabled for this client")
    assert start("USER_AUTH") == (wrong, "USER_AUTH flow not enabled for this client")
    assert start("USER_SRP_AUTH", SRP_A="aa") == (wrong, "USER_SRP_AUTH is not enabled for the client.")
    assert start("ADMIN_USER_PASSWORD_AUTH") == (wrong, "Initiate Auth method not supported.")
    assert start("CUSTOM_AUTH") == (wrong, "Custom auth lambda trigger is not configured for the user pool.")
    admin = refused(
        cognito.admin_initiate_auth,
        UserPoolId=pool["Id"],
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=passing,
    )
    assert admin == (wrong, "Auth flow not enabled for this client")


def test_a_new_password_with_what_is_required(cognito, make):
    pool, client = make(
        Schema=[{"Name": "given_name", "Required": True, "Mutable": True, "AttributeDataType": "String"}]
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.admin_create_user(**ids, TemporaryPassword="Temporary-1", MessageAction="SUPPRESS")
    challenge = cognito.admin_initiate_auth(
        UserPoolId=pool["Id"],
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": "Temporary-1"},
    )
    assert challenge["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.given_name"]'
    answer = {"USERNAME": "anna", "NEW_PASSWORD": PASSWORD}
    tell = lambda **more: lambda: respond(cognito, client, challenge, {**answer, **more}, admin_pool=pool)
    assert refused(tell()) == ("InvalidParameterException", "Invalid attributes given, given_name is missing")
    named = {"userAttributes.given_name": "Anna"}
    assert refused(tell(**named, NEW_PASSWORD="short")) == (
        "InvalidPasswordException",
        "Password does not conform to policy: Password not long enough",
    )
    assert claims(tell(**named)()["AuthenticationResult"]["IdToken"])["given_name"] == "Anna"
    assert refused(tell(**named)) == ("NotAuthorizedException", "Invalid session for the user.")
    missing = refused(
        cognito.respond_to_auth_challenge,
        ClientId=client["ClientId"],
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ChallengeResponses=answer,
    )
    assert missing == ("InvalidParameterException", "Missing required parameter Session")


def test_srp_by_pycognito(cognito, make):
    pool, client = make(AliasAttributes=["email"])
    confirmed(cognito, pool, client, email=ANNA)
    cognito.admin_update_user_attributes(
        UserPoolId=pool["Id"], Username="anna", UserAttributes=attributes(email_verified="true")
    )
    for name in ("anna", ANNA):
        result = srp(cognito, pool, client, name).authenticate_user()["AuthenticationResult"]
        assert checked(pool, result["AccessToken"])["username"] == "anna"
    assert refused(srp(cognito, pool, client, password="Wrong-pass-1").authenticate_user) == WRONG
    assert refused(srp(cognito, pool, client, "nobody").authenticate_user) == (
        "UserNotFoundException",
        "User does not exist.",
    )


def test_srp_of_a_client_with_a_secret_and_of_nobody(cognito, make):
    pool, client = make(
        client={"GenerateSecret": True, "PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": ALL_FLOWS}
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.admin_create_user(**ids, TemporaryPassword="Temporary-1", MessageAction="SUPPRESS")
    secret = {"client_secret": client["ClientSecret"]}
    with pytest.raises(ForceChangePasswordException):
        srp(cognito, pool, client, password="Temporary-1", **secret).authenticate_user()
    changed = srp(cognito, pool, client, password="Temporary-1", **secret).set_new_password_challenge(PASSWORD)
    result = changed["AuthenticationResult"]
    assert refused(srp(cognito, pool, client, "nobody", **secret).authenticate_user) == WRONG
    first, second = (
        cognito.initiate_auth(
            ClientId=client["ClientId"],
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "nobody", "SRP_A": "abc", "SECRET_HASH": secret_hash(client, "nobody")},
        )["ChallengeParameters"]
        for _ in range(2)
    )
    assert first["SALT"] == second["SALT"] and first["SRP_B"] != second["SRP_B"]
    refreshed = {"REFRESH_TOKEN": result["RefreshToken"], "SECRET_HASH": secret_hash(client, "anna")}
    body = {"ClientId": client["ClientId"], "AuthFlow": "REFRESH_TOKEN_AUTH"}
    assert "AuthenticationResult" in cognito.initiate_auth(**body, AuthParameters=refreshed)
    del refreshed["SECRET_HASH"]
    assert refused(cognito.initiate_auth, **body, AuthParameters=refreshed)[0] == "NotAuthorizedException"


def test_an_answer_to_srp_is_good_once(cognito, make):
    pool, client = make()
    confirmed(cognito, pool, client)
    proof = srp(cognito, pool, client)
    started = cognito.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH", AuthParameters=proof.get_auth_params()
    )
    assert "Session" not in started
    responses = proof.process_challenge(started["ChallengeParameters"], proof.get_auth_params())
    body = {"ClientId": client["ClientId"], "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
    assert "AuthenticationResult" in cognito.respond_to_auth_challenge(**body)
    assert refused(cognito.respond_to_auth_challenge, **body) == WRONG


def test_refreshed_tokens(cognito, make):
    pool, client = make()
    result = confirmed(cognito, pool, client)
    body = {"ClientId": client["ClientId"], "AuthFlow": "REFRESH_TOKEN_AUTH"}
    fresh = cognito.initiate_auth(**body, AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]})
    assert fresh["ChallengeParameters"] == {} and "RefreshToken" not in fresh["AuthenticationResult"]
    before, after = claims(result["AccessToken"]), claims(fresh["AuthenticationResult"]["AccessToken"])
    for same in ("origin_jti", "auth_time", "event_id", "sub"):
        assert before[same] == after[same]
    assert before["jti"] != after["jti"]
    invalid = ("NotAuthorizedException", "Invalid Refresh Token.")
    broken = result["RefreshToken"][:-4] + "AAAA"
    assert refused(cognito.initiate_auth, **body, AuthParameters={"REFRESH_TOKEN": broken}) == invalid
    other = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="other")["UserPoolClient"]
    body["ClientId"] = other["ClientId"]
    assert refused(cognito.initiate_auth, **body, AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]}) == invalid
    got = cognito.get_tokens_from_refresh_token(ClientId=client["ClientId"], RefreshToken=result["RefreshToken"])
    assert "RefreshToken" not in got["AuthenticationResult"]


def test_rotated_refresh_tokens(cognito, make):
    pool, client = make(
        client={
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 1},
        }
    )
    result = confirmed(cognito, pool, client)
    turn = lambda token: cognito.get_tokens_from_refresh_token(ClientId=client["ClientId"], RefreshToken=token)
    second = turn(result["RefreshToken"])["AuthenticationResult"]
    assert second["RefreshToken"] != result["RefreshToken"]
    turn(result["RefreshToken"])
    time.sleep(1.2)
    assert refused(lambda: turn(result["RefreshToken"]))[0] == "RefreshTokenReuseException"
    turn(second["RefreshToken"])


def test_revocation_and_signing_out(cognito, make):
    pool, client = make()
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    result = confirmed(cognito, pool, client)
    other = sign_in(cognito, client, "anna")["AuthenticationResult"]
    cognito.revoke_token(ClientId=client["ClientId"], Token=result["RefreshToken"])
    assert refused(cognito.get_user, AccessToken=result["AccessToken"]) == revoked
    cognito.get_user(AccessToken=other["AccessToken"])
    refresh = {"ClientId": client["ClientId"], "AuthFlow": "REFRESH_TOKEN_AUTH"}
    again = {"AuthParameters": {"REFRESH_TOKEN": result["RefreshToken"]}}
    assert refused(cognito.initiate_auth, **refresh, **again) == (
        "NotAuthorizedException",
        "Refresh Token has been revoked",
    )
    cognito.revoke_token(ClientId=client["ClientId"], Token=result["RefreshToken"])
    wrong_kind = refused(cognito.revoke_token, ClientId=client["ClientId"], Token=other["AccessToken"])
    assert wrong_kind[0] == "UnsupportedTokenTypeException"
    cognito.global_sign_out(AccessToken=other["AccessToken"])
    assert refused(cognito.get_user, AccessToken=other["AccessToken"]) == revoked
    time.sleep(1)
    last = sign_in(cognito, client, "anna")["AuthenticationResult"]
    cognito.get_user(AccessToken=last["AccessToken"])
    cognito.admin_user_global_sign_out(UserPoolId=pool["Id"], Username="anna")
    assert refused(cognito.get_user, AccessToken=last["AccessToken"]) == revoked


def test_tokens_that_are_not_ours(cognito, make):
    pool, client = make()
    result = confirmed(cognito, pool, client)
    head, body, signature = result["AccessToken"].split(".")
    forged = ".".join([head, body, signature[:-8] + "AAAAAAAA"])
    for token in (forged, result["IdToken"], "a.b.c", "nothing", f"{head}.{body}."):
        assert refused(cognito.get_user, AccessToken=token) == ("NotAuthorizedException", "Invalid Access Token")
    elsewhere, _ = make()
    moved = claims(result["AccessToken"]) | {"iss": f"{endpoint()}/{elsewhere['Id']}"}
    own_key = jwt.encode(moved, "k" * 32, algorithm="HS256", headers={"kid": jwt.get_unverified_header(result["AccessToken"])["kid"]})
    assert refused(cognito.get_user, AccessToken=own_key)[1] == "Invalid Access Token"


def test_a_lock_tells_nobody_who_is_a_user(cognito, make):
    pool, client = make(client={"PreventUserExistenceErrors": "ENABLED"})
    confirmed(cognito, pool, client)

    def told(name):
        return [refused(sign_in_call(cognito, client, name=name, password="Wrong-pass-1")) for _ in range(6)]

    somebody, nobody = told("anna"), told("nobody")
    assert somebody == nobody == [WRONG] * 5 + [("NotAuthorizedException", "Password attempts exceeded")]


def test_lock_out(cognito, make):
    pool, client = make()
    confirmed(cognito, pool, client)
    for _ in range(5):
        assert refused(sign_in_call(cognito, client, name="anna", password="Wrong-pass-1")) == WRONG
    locked = ("NotAuthorizedException", "Password attempts exceeded")
    assert refused(sign_in_call(cognito, client, name="anna")) == locked
    time.sleep(1.1)
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")


def totp_pool(cognito, make, mode):
    pool, client = make()
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool["Id"], MfaConfiguration=mode, SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    return pool, client


def test_an_authenticator_app(cognito, make):
    pool, client = totp_pool(cognito, make, "OPTIONAL")
    me = {"AccessToken": confirmed(cognito, pool, client)["AccessToken"]}
    prefer = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    early = refused(cognito.set_user_mfa_preference, **me, **prefer)
    assert early == ("InvalidParameterException", "User has not set up software token mfa")
    app = pyotp.TOTP(cognito.associate_software_token(**me)["SecretCode"])
    assert len(app.secret) == 52
    wrong = refused(cognito.verify_software_token, **me, UserCode="000000" if app.now() != "000000" else "111111")
    assert wrong == ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
    # The step before: the present one is left for the sign-in.
    assert cognito.verify_software_token(**me, UserCode=app.at(time.time() - 30))["Status"] == "SUCCESS"
    assert "AuthenticationResult" in sign_in(cognito, client, "anna"), "verified, not preferred yet"
    cognito.set_user_mfa_preference(**me, **prefer)
    for found in (cognito.get_user(**me), cognito.admin_get_user(UserPoolId=pool["Id"], Username="anna")):
        assert found["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"
        assert found["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    challenge = sign_in(cognito, client, "anna")
    assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert challenge["ChallengeParameters"] == {"USER_ID_FOR_SRP": "anna"}
    code = app.now()
    answer = lambda code: lambda: respond(
        cognito, client, challenge, {"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": code}
    )
    bad = "000000" if code != "000000" else "111111"
    assert refused(answer(bad)) == ("CodeMismatchException", "Invalid code received for user")
    assert "AuthenticationResult" in answer(code)()
    challenge = sign_in(cognito, client, "anna")
    assert refused(answer(code)) == ("ExpiredCodeException", "Your software token has already been used once.")
    factors = cognito.get_user_auth_factors(**me)
    assert factors["ConfiguredUserAuthFactors"] == ["PASSWORD"]
    assert cognito.admin_get_user_auth_factors(UserPoolId=pool["Id"], Username="anna")["Username"] == "anna"
    cognito.admin_delete_software_token(UserPoolId=pool["Id"], Username="anna")
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")


def test_an_app_is_set_up_where_it_is_required(cognito, make):
    pool, client = totp_pool(cognito, make, "ON")
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.admin_create_user(**ids, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    early = refused(
        cognito.admin_set_user_mfa_preference, **ids, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    assert early[1] == "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    challenge = sign_in(cognito, client, "anna")
    assert challenge["ChallengeName"] == "MFA_SETUP"
    assert challenge["ChallengeParameters"] == {
        "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
        "USER_ID_FOR_SRP": "anna",
    }
    associated = cognito.associate_software_token(Session=challenge["Session"])
    unverified = {**challenge, "Session": associated["Session"]}
    assert refused(lambda: respond(cognito, client, unverified, {"USERNAME": "anna"}))[0] == "NotAuthorizedException"
    app = pyotp.TOTP(associated["SecretCode"])
    verified = cognito.verify_software_token(Session=associated["Session"], UserCode=app.at(time.time() - 30))
    done = respond(cognito, client, {**challenge, "Session": verified["Session"]}, {"USERNAME": "anna"})
    assert "AuthenticationResult" in done
    assert sign_in(cognito, client, "anna")["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_codes_by_text_message_and_a_choice(cognito, make):
    pool, client = make(SmsConfiguration=SMS)
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool["Id"],
        MfaConfiguration="ON",
        SmsMfaConfiguration={"SmsAuthenticationMessage": "Type {####}", "SmsConfiguration": SMS},
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.admin_create_user(**ids, UserAttributes=attributes(phone_number="+15555550100"), MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    challenge = sign_in(cognito, client, "anna")
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert challenge["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
        "CODE_DELIVERY_DESTINATION": "+*******0100",
        "USER_ID_FOR_SRP": "anna",
    }
    (message,) = messages(pool, "+15555550100")
    assert message["body"] == f"Type {message['code']}" and message["reason"] == "Authentication"
    bad = "000000" if message["code"] != "000000" else "111111"
    answer = lambda code: lambda: respond(cognito, client, challenge, {"USERNAME": "anna", "SMS_MFA_CODE": code})
    assert refused(answer(bad)) == ("CodeMismatchException", "Invalid code or auth state for the user.")
    me = {"AccessToken": answer(message["code"])()["AuthenticationResult"]["AccessToken"]}
    app = pyotp.TOTP(cognito.associate_software_token(**me)["SecretCode"])
    cognito.verify_software_token(**me, UserCode=app.now())
    cognito.set_user_mfa_preference(
        **me, SMSMfaSettings={"Enabled": True}, SoftwareTokenMfaSettings={"Enabled": True}
    )
    cognito.admin_set_user_mfa_preference(**ids, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert sign_in(cognito, client, "anna")["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    cognito.admin_set_user_mfa_preference(**ids, SoftwareTokenMfaSettings={"Enabled": True})
    choice = sign_in(cognito, client, "anna")
    assert choice["ChallengeName"] == "SELECT_MFA_TYPE"
    assert choice["ChallengeParameters"]["MFAS_CAN_CHOOSE"] == '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'
    challenge = respond(cognito, client, choice, {"USERNAME": "anna", "ANSWER": "SMS_MFA"})
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert "AuthenticationResult" in answer(messages(pool)[0]["code"])()


def test_a_device_stands_for_the_second_factor(cognito, make):
    pool, client = make(
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
        SmsConfiguration=SMS,
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.admin_create_user(**ids, UserAttributes=attributes(phone_number="+15555550100"), MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    result = sign_in(cognito, client, "anna")["AuthenticationResult"]
    device = result["NewDeviceMetadata"]
    assert device["DeviceKey"].startswith("us-east-1_") and device["DeviceGroupKey"].startswith("-")
    assert claims(result["AccessToken"])["device_key"] == device["DeviceKey"]
    me = {"AccessToken": result["AccessToken"]}
    key, group = device["DeviceKey"], device["DeviceGroupKey"]
    # pycognito makes the verifier; its own ConfirmDevice goes to AWS whatever endpoint it is given.
    secret, verifier = generate_hash_device(group, key)
    confirmation = cognito.confirm_device(**me, DeviceKey=key, DeviceSecretVerifierConfig=verifier, DeviceName="phone")
    assert confirmation["UserConfirmationNecessary"] is True
    assert refused(cognito.confirm_device, **me, DeviceKey=key, DeviceSecretVerifierConfig={})[0] == (
        "InvalidParameterException"
    )
    listed = cognito.list_devices(**me)["Devices"]
    assert [entry["DeviceKey"] for entry in listed] == [key]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool["Id"], MfaConfiguration="ON", SmsMfaConfiguration={"SmsConfiguration": SMS}
    )
    known = lambda: srp(
        cognito, pool, client, device_key=key, device_group_key=group, device_password=secret
    ).authenticate_user()
    status = lambda status: cognito.update_device_status(**me, DeviceKey=key, DeviceRememberedStatus=status)
    assert sign_in(cognito, client, "anna")["ChallengeName"] == "SMS_MFA"
    status("remembered")
    again = known()["AuthenticationResult"]
    assert claims(again["AccessToken"])["device_key"] == key and "NewDeviceMetadata" not in again
    wrong = srp(cognito, pool, client, device_key=key, device_group_key=group, device_password="no")
    assert refused(wrong.authenticate_user) == WRONG
    refresh = {"ClientId": client["ClientId"], "AuthFlow": "REFRESH_TOKEN_AUTH"}
    token = {"REFRESH_TOKEN": again["RefreshToken"]}
    lost = refused(cognito.initiate_auth, **refresh, AuthParameters=token)
    assert lost == ("NotAuthorizedException", "Invalid Refresh Token.")
    assert cognito.initiate_auth(**refresh, AuthParameters={**token, "DEVICE_KEY": key})["AuthenticationResult"]
    assert cognito.get_device(**me, DeviceKey=key)["Device"]["DeviceKey"] == key
    assert len(cognito.admin_list_devices(**ids)["Devices"]) == 1
    assert cognito.admin_get_device(**ids, DeviceKey=key)["Device"]["DeviceAttributes"][0] == {
        "Name": "device_status",
        "Value": "remembered",
    }
    cognito.admin_update_device_status(**ids, DeviceKey=key, DeviceRememberedStatus="not_remembered")
    assert cognito.get_device(**me, DeviceKey=key)["Device"]["DeviceAttributes"][0]["Value"] == "not_remembered"
    cognito.forget_device(**me, DeviceKey=key)
    assert cognito.list_devices(**me)["Devices"] == []
    cognito.confirm_device(**me, DeviceKey=key, DeviceSecretVerifierConfig=verifier)
    cognito.admin_forget_device(**ids, DeviceKey=key)
    assert cognito.admin_list_devices(**ids)["Devices"] == []
    gone = {"DeviceKey": key}
    assert refused(cognito.admin_forget_device, **ids, **gone)[0] == "ResourceNotFoundException"
