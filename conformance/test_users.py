"""Users, as boto3 calls the operations on them: sign-up, confirmation, administrators, attributes, groups, recovery."""

import pytest

from conftest import messages, refused, remove_pool, secret_hash

PASSWORD = "Secret-pass-1"
ANNA = "anna@orders.example"
ALL_FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "orders"}


@pytest.fixture
def make(cognito):
    """Makes pools with a client each; removes them afterwards."""
    made = []

    def pool(client=None, **settings):
        pool = cognito.create_user_pool(PoolName="users", **settings)["UserPool"]
        made.append(pool["Id"])
        body = {"ClientName": "client", "ExplicitAuthFlows": ALL_FLOWS, **(client or {})}
        return pool, cognito.create_user_pool_client(UserPoolId=pool["Id"], **body)["UserPoolClient"]

    yield pool
    for pool_id in made:
        remove_pool(cognito, pool_id)


def attributes(**values):
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


def plain(found):
    return {entry["Name"]: entry["Value"] for entry in found.get("UserAttributes", found.get("Attributes"))}


def sign_up(cognito, client, name=ANNA, password=PASSWORD, **given):
    body = {"ClientId": client["ClientId"], "Username": name, "Password": password}
    return cognito.sign_up(**body, UserAttributes=attributes(**given))


def sign_in(cognito, client, name=ANNA, password=PASSWORD):
    return cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )


def confirmed(cognito, pool, client, name="anna", **given):
    sign_up(cognito, client, name, **given)
    cognito.admin_confirm_sign_up(UserPoolId=pool["Id"], Username=name)
    return sign_in(cognito, client, name)["AuthenticationResult"]


def test_a_user_signs_up_and_confirms(cognito, make):
    pool, client = make(
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        EmailVerificationMessage="Welcome, {####} it is",
        EmailVerificationSubject="Hello",
    )
    app = {"ClientId": client["ClientId"], "Username": ANNA}
    made = sign_up(cognito, client)
    assert made["UserConfirmed"] is False
    delivery = {"Destination": "a***@o***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert made["CodeDeliveryDetails"] == delivery
    (message,) = messages(pool, ANNA)
    assert (message["subject"], message["body"]) == ("Hello", f"Welcome, {message['code']} it is")
    assert message["reason"] == "SignUp" and message["from"] == "no-reply@verificationemail.com"
    taken = ("UsernameExistsException", "An account with the given email already exists.")
    assert sign_up_refused(cognito, client) == taken
    assert refused(sign_in_call(cognito, client)) == ("UserNotConfirmedException", "User is not confirmed.")
    wrong = "000000" if message["code"] != "000000" else "111111"
    assert refused(cognito.confirm_sign_up, **app, ConfirmationCode=wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    assert cognito.resend_confirmation_code(**app)["CodeDeliveryDetails"] == delivery
    newest = messages(pool, ANNA)[0]
    assert newest["reason"] == "ResendCode"
    cognito.confirm_sign_up(**app, ConfirmationCode=newest["code"])
    found = cognito.admin_get_user(UserPoolId=pool["Id"], Username=ANNA)
    assert found["UserStatus"] == "CONFIRMED" and found["Username"] == made["UserSub"]
    assert [entry["Name"] for entry in found["UserAttributes"]] == ["email", "email_verified", "sub"]
    assert plain(found)["email_verified"] == "true"
    assert refused(cognito.confirm_sign_up, **app, ConfirmationCode=newest["code"])[0] == "NotAuthorizedException"
    assert refused(cognito.resend_confirmation_code, **app)[1] == "User is already confirmed."
    assert sign_in(cognito, client)["AuthenticationResult"]["TokenType"] == "Bearer"


def sign_up_refused(cognito, client, **given):
    return refused(lambda: sign_up(cognito, client, **given))


def sign_in_call(cognito, client, **given):
    return lambda: sign_in(cognito, client, **given)


def test_sign_up_goes_by_the_settings_of_pool_and_client(cognito, make):
    pool, client = make(
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        Schema=[{"Name": "given_name", "Required": True, "Mutable": True, "AttributeDataType": "String"}],
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
    )
    only_admin = sign_up_refused(cognito, client, name="anna", given_name="Anna")
    assert only_admin == ("NotAuthorizedException", "SignUp is not permitted for this user pool")
    cognito.update_user_pool(UserPoolId=pool["Id"])
    assert sign_up_refused(cognito, client, name="anna") == (
        "InvalidParameterException",
        "Attributes did not conform to the schema: given_name: The attribute is required\n",
    )
    short = sign_up_refused(cognito, client, name="anna", password="Secret-1", given_name="Anna")
    assert short == ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
    narrow = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="narrow", WriteAttributes=["given_name"]
    )["UserPoolClient"]
    forbidden = sign_up_refused(cognito, narrow, name="anna", given_name="Anna", nickname="A")
    assert forbidden == ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    unwritable = sign_up_refused(cognito, client, name="anna", given_name="Anna", email=ANNA, email_verified="true")
    assert unwritable == forbidden
    sign_up(cognito, narrow, name="anna", given_name="Anna")


def test_a_secret_must_be_proved(cognito, make):
    _, client = make(client={"GenerateSecret": True})
    body = {"ClientId": client["ClientId"], "Username": "anna", "Password": PASSWORD}
    missing = f"Client {client['ClientId']} is configured with secret but SECRET_HASH was not received"
    assert refused(cognito.sign_up, **body) == ("NotAuthorizedException", missing)
    wrong = f"SecretHash does not match for the client: {client['ClientId']}"
    assert refused(cognito.sign_up, **body, SecretHash=secret_hash(client, "bert"))[1] == wrong
    cognito.sign_up(**body, SecretHash=secret_hash(client, "anna"))


def test_existence_is_hidden_where_the_client_says_so(cognito, make):
    pool, open_client = make(AutoVerifiedAttributes=["email"])
    hiding = cognito.create_user_pool_client(
        UserPoolId=pool["Id"],
        ClientName="hiding",
        PreventUserExistenceErrors="ENABLED",
        ExplicitAuthFlows=ALL_FLOWS,
    )["UserPoolClient"]
    nobody = {"Username": "nobody"}
    unknown = ("UserNotFoundException", "Username/client id combination not found.")
    for call, more in [
        (cognito.forgot_password, {}),
        (cognito.resend_confirmation_code, {}),
        (cognito.confirm_sign_up, {"ConfirmationCode": "123456"}),
        (cognito.confirm_forgot_password, {"ConfirmationCode": "123456", "Password": PASSWORD}),
    ]:
        assert refused(call, ClientId=open_client["ClientId"], **nobody, **more) == unknown
    app = {"ClientId": hiding["ClientId"], **nobody}
    assert cognito.forgot_password(**app)["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert cognito.resend_confirmation_code(**app)["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert messages(pool) == [], "simulated only"
    assert refused(cognito.confirm_sign_up, **app, ConfirmationCode="123456")[0] == "ExpiredCodeException"
    confirm = {"ConfirmationCode": "123456", "Password": PASSWORD}
    assert refused(cognito.confirm_forgot_password, **app, **confirm)[0] == "CodeMismatchException"
    wrong = ("NotAuthorizedException", "Incorrect username or password.")
    assert refused(sign_in_call(cognito, hiding, name="nobody")) == wrong
    assert refused(sign_in_call(cognito, open_client, name="nobody")) == ("UserNotFoundException", "User does not exist.")


def test_an_administrator_invites(cognito, make):
    pool, client = make(
        AdminCreateUserConfig={
            "InviteMessageTemplate": {"EmailMessage": "{username}, your password is {####}", "EmailSubject": "Come in"}
        }
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    made = cognito.admin_create_user(**ids, UserAttributes=attributes(email=ANNA), DesiredDeliveryMediums=["EMAIL"])
    assert made["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    (message,) = messages(pool)
    assert message["subject"] == "Come in" and message["body"] == f"anna, your password is {message['code']}"
    no_reset = refused(cognito.forgot_password, ClientId=client["ClientId"], Username="anna")
    assert no_reset == ("NotAuthorizedException", "User password cannot be reset in the current state.")
    cognito.admin_create_user(**ids, MessageAction="RESEND")
    again = messages(pool)[0]
    assert again["code"] != message["code"]
    assert refused(sign_in_call(cognito, client, name="anna", password=message["code"]))[0] == "NotAuthorizedException"
    challenge = sign_in(cognito, client, "anna", again["code"])
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert challenge["ChallengeParameters"] == {
        "USER_ID_FOR_SRP": "anna",
        "requiredAttributes": "[]",
        "userAttributes": '{"email":"%s"}' % ANNA,
    }
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")
    assert refused(cognito.admin_create_user, **ids, MessageAction="RESEND")[0] == "UnsupportedUserStateException"
    cognito.admin_disable_user(**ids)
    assert cognito.admin_get_user(**ids)["Enabled"] is False
    assert refused(sign_in_call(cognito, client, name="anna")) == ("NotAuthorizedException", "User is disabled.")
    cognito.admin_enable_user(**ids)
    assert "AuthenticationResult" in sign_in(cognito, client, "anna")


def test_attributes_follow_the_schema(cognito, make):
    pool, client = make(
        Schema=[
            {"Name": "fixed", "AttributeDataType": "String", "Mutable": False},
            {"Name": "level", "AttributeDataType": "Number", "Mutable": True, "NumberAttributeConstraints": {"MaxValue": "9"}},
            {"Name": "inner", "AttributeDataType": "String", "Mutable": True, "DeveloperOnlyAttribute": True},
        ]
    )
    tokens = confirmed(cognito, pool, client, custom__fixed="once", custom__level="3")
    me = {"AccessToken": tokens["AccessToken"]}
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    cognito.update_user_attributes(**me, UserAttributes=attributes(custom__level="4", nickname="A"))
    assert plain(cognito.get_user(**me)).items() >= {"custom:level": "4", "nickname": "A", "custom:fixed": "once"}.items()
    assert refused(cognito.update_user_attributes, **me, UserAttributes=attributes(custom__level="10"))[0] == (
        "InvalidParameterException"
    )
    for call, who in ((cognito.update_user_attributes, me), (cognito.admin_update_user_attributes, ids)):
        fixed = refused(call, **who, UserAttributes=attributes(custom__fixed="twice"))
        assert fixed == ("InvalidParameterException", "user.custom:fixed: Attribute cannot be updated.\n")
    inner = [{"Name": "dev:custom:inner", "Value": "x"}]
    assert refused(cognito.update_user_attributes, **me, UserAttributes=inner)[0] == "NotAuthorizedException"
    cognito.admin_update_user_attributes(**ids, UserAttributes=inner)
    assert "dev:custom:inner" not in plain(cognito.get_user(**me))
    assert plain(cognito.admin_get_user(**ids))["dev:custom:inner"] == "x"
    cognito.delete_user_attributes(**me, UserAttributeNames=["nickname"])
    cognito.admin_delete_user_attributes(**ids, UserAttributeNames=["custom:level"])
    assert set(plain(cognito.get_user(**me))) == {"custom:fixed", "sub"}


def test_a_new_address_is_verified(cognito, make):
    pool, client = make(AutoVerifiedAttributes=["email"], AliasAttributes=["email"])
    me = {"AccessToken": confirmed(cognito, pool, client, email=ANNA)["AccessToken"]}
    answer = cognito.update_user_attributes(**me, UserAttributes=attributes(email="new@orders.example"))
    assert answer["CodeDeliveryDetailsList"] == [
        {"Destination": "n***@o***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    ]
    assert plain(cognito.get_user(**me))["email_verified"] == "false"
    assert refused(sign_in_call(cognito, client, name="new@orders.example"))[0] == "UserNotFoundException"
    code = messages(pool, "new@orders.example")[0]["code"]
    cognito.verify_user_attribute(**me, AttributeName="email", Code=code)
    assert plain(cognito.get_user(**me))["email_verified"] == "true"
    assert "AuthenticationResult" in sign_in(cognito, client, "new@orders.example"), "an alias once verified"
    assert refused(cognito.verify_user_attribute, **me, AttributeName="email", Code=code)[0] == "ExpiredCodeException"
    cognito.get_user_attribute_verification_code(**me, AttributeName="email")
    assert messages(pool)[0]["reason"] == "VerifyUserAttribute"
    # Another user cannot take the alias.
    bert = {"AccessToken": confirmed(cognito, pool, client, name="bert", email="bert@orders.example")["AccessToken"]}
    cognito.update_user_attributes(**bert, UserAttributes=attributes(email="new@orders.example"))
    code = messages(pool)[0]["code"]
    taken = refused(cognito.verify_user_attribute, **bert, AttributeName="email", Code=code)
    assert taken == ("AliasExistsException", "An account with the given email already exists.")


def test_the_old_address_stays_until_the_new_one_is_verified(cognito, make):
    pool, client = make(
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )
    me = {"AccessToken": confirmed(cognito, pool, client, email=ANNA)["AccessToken"]}
    cognito.update_user_attributes(**me, UserAttributes=attributes(email="new@orders.example"))
    assert plain(cognito.get_user(**me))["email"] == ANNA
    cognito.verify_user_attribute(**me, AttributeName="email", Code=messages(pool)[0]["code"])
    assert plain(cognito.get_user(**me))["email"] == "new@orders.example"


@pytest.mark.parametrize("sensitive", [True, False])
def test_letter_case_of_names(cognito, make, sensitive):
    pool, client = make(UsernameConfiguration={"CaseSensitive": sensitive})
    confirmed(cognito, pool, client, name="Anna")
    if sensitive:
        assert refused(sign_in_call(cognito, client, name="anna"))[0] == "UserNotFoundException"
        sign_up(cognito, client, "anna")
    else:
        assert "AuthenticationResult" in sign_in(cognito, client, "ANNA")
        assert sign_up_refused(cognito, client, name="anna")[0] == "UsernameExistsException"


def test_passwords_are_recovered(cognito, make):
    pool, client = make(
        Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}}, AutoVerifiedAttributes=["email"]
    )
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    app = {"ClientId": client["ClientId"], "Username": "anna"}
    sign_up(cognito, client, "anna", email=ANNA)
    contact = "Cannot reset password for the user as there is no registered/verified email or phone_number"
    assert refused(cognito.forgot_password, **app) == ("InvalidParameterException", contact)
    cognito.confirm_sign_up(**app, ConfirmationCode=messages(pool)[0]["code"])
    assert cognito.forgot_password(**app)["CodeDeliveryDetails"] == {
        "Destination": "a***@o***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    code = messages(pool)[0]["code"]
    again = refused(cognito.confirm_forgot_password, **app, ConfirmationCode=code, Password=PASSWORD)
    assert again[0] == "PasswordHistoryPolicyViolationException"
    cognito.confirm_forgot_password(**app, ConfirmationCode=code, Password="second-password")
    replayed = refused(cognito.confirm_forgot_password, **app, ConfirmationCode=code, Password="third-password")
    assert replayed == ("ExpiredCodeException", "Invalid code provided, please request a code again.")
    me = {"AccessToken": sign_in(cognito, client, "anna", "second-password")["AuthenticationResult"]["AccessToken"]}
    change = {"PreviousPassword": "second-password"}
    assert refused(cognito.change_password, **me, **change, ProposedPassword=PASSWORD)[0].startswith("PasswordHistory")
    assert refused(cognito.change_password, **me, PreviousPassword="no", ProposedPassword="third-password") == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    cognito.change_password(**me, **change, ProposedPassword="third-password")
    cognito.admin_reset_user_password(**ids)
    assert cognito.admin_get_user(**ids)["UserStatus"] == "RESET_REQUIRED"
    reset = ("PasswordResetRequiredException", "Password reset required for the user")
    assert refused(sign_in_call(cognito, client, name="anna", password="third-password")) == reset
    code = messages(pool)[0]["code"]
    cognito.confirm_forgot_password(**app, ConfirmationCode=code, Password="fourth-password")
    assert "AuthenticationResult" in sign_in(cognito, client, "anna", "fourth-password")


def test_recovery_goes_the_ways_of_the_pool(cognito, make):
    ways = lambda *names: {
        "RecoveryMechanisms": [{"Priority": at + 1, "Name": name} for at, name in enumerate(names)]
    }
    pool, client = make(
        SmsConfiguration=SMS, AccountRecoverySetting=ways("verified_phone_number", "verified_email")
    )
    given = attributes(email=ANNA, email_verified="true", phone_number="+15555550100", phone_number_verified="true")
    ids = {"UserPoolId": pool["Id"], "Username": "anna"}
    app = {"ClientId": client["ClientId"], "Username": "anna"}
    cognito.admin_create_user(**ids, UserAttributes=given, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    assert cognito.forgot_password(**app)["CodeDeliveryDetails"] == {
        "Destination": "+*******0100",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    cognito.update_user_pool(UserPoolId=pool["Id"], AccountRecoverySetting=ways("admin_only"))
    assert refused(cognito.forgot_password, **app)[0] == "NotAuthorizedException"


def test_groups_have_members(cognito, make):
    pool, client = make()
    ids = {"UserPoolId": pool["Id"]}
    for name in ("admins", "readers"):
        cognito.create_group(**ids, GroupName=name)
    for name in ("anna", "bert", "carl"):
        cognito.admin_create_user(**ids, Username=name, MessageAction="SUPPRESS")
        cognito.admin_add_user_to_group(**ids, Username=name, GroupName="admins")
    cognito.admin_add_user_to_group(**ids, Username="anna", GroupName="readers")
    cognito.admin_add_user_to_group(**ids, Username="anna", GroupName="readers")
    first = cognito.list_users_in_group(**ids, GroupName="admins", Limit=2)
    rest = cognito.list_users_in_group(**ids, GroupName="admins", Limit=2, NextToken=first["NextToken"])
    assert [user["Username"] for user in first["Users"] + rest["Users"]] == ["anna", "bert", "carl"]
    assert "NextToken" not in rest
    groups = cognito.admin_list_groups_for_user(**ids, Username="anna")["Groups"]
    assert [group["GroupName"] for group in groups] == ["admins", "readers"]
    cognito.admin_remove_user_from_group(**ids, Username="bert", GroupName="admins")
    cognito.admin_delete_user(**ids, Username="carl")
    users = cognito.list_users_in_group(**ids, GroupName="admins")["Users"]
    assert [user["Username"] for user in users] == ["anna"]
    cognito.delete_group(**ids, GroupName="admins")
    groups = cognito.admin_list_groups_for_user(**ids, Username="anna")["Groups"]
    assert [group["GroupName"] for group in groups] == ["readers"]
    missing = refused(cognito.admin_add_user_to_group, **ids, Username="anna", GroupName="admins")
    assert missing == ("ResourceNotFoundException", "Group not found.")


def test_users_are_found(cognito, make):
    pool, client = make()
    ids = {"UserPoolId": pool["Id"]}
    for name in ("anna", "bert", "carl"):
        given = attributes(email=f"{name}@orders.example")
        cognito.admin_create_user(**ids, Username=name, UserAttributes=given, MessageAction="SUPPRESS")
    cognito.admin_disable_user(**ids, Username="carl")
    sub = plain(cognito.admin_get_user(**ids, Username="bert"))["sub"]
    for text, found in [
        ('username = "anna"', ["anna"]),
        (f'sub = "{sub}"', ["bert"]),
        ('username ^= "b"', ["bert"]),
        ('email = "carl@orders.example"', ["carl"]),
        ('status = "Disabled"', ["carl"]),
        ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', ["anna", "bert", "carl"]),
        ('username = "nobody"', []),
    ]:
        users = cognito.list_users(**ids, Filter=text, AttributesToGet=["email"])["Users"]
        assert [user["Username"] for user in users] == found, text
        assert all(list(plain(user)) == ["email"] for user in users)


def test_users_are_found_by_what_they_sign_in_with(cognito, make):
    pool, client = make(UsernameAttributes=["email"])
    sign_up(cognito, client)
    for text, count in ((f'email = "{ANNA}"', 1), ('email = "bert@orders.example"', 0), ('email ^= "anna"', 1)):
        assert len(cognito.list_users(UserPoolId=pool["Id"], Filter=text)["Users"]) == count, text


def test_a_user_leaves(cognito, make):
    pool, client = make()
    me = {"AccessToken": confirmed(cognito, pool, client)["AccessToken"]}
    cognito.delete_user(**me)
    gone = ("UserNotFoundException", "User does not exist.")
    assert refused(cognito.get_user, **me) == gone
    assert refused(cognito.admin_get_user, UserPoolId=pool["Id"], Username="anna")[0] == "UserNotFoundException"
    confirmed(cognito, pool, client)
    assert refused(cognito.get_user, **me) == gone, "another user of the name"


def test_a_trigger_that_cannot_be_called_is_named(cognito, make):
    sender = {"LambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:send", "LambdaVersion": "V1_0"}
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    pool, _ = make(LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": key})
    body = {"UserPoolId": pool["Id"], "Username": "anna", "UserAttributes": attributes(email=ANNA)}
    assert refused(cognito.admin_create_user, **body) == (
        "NotImplementedException",
        "The trigger CustomEmailSender is not built into poolform's local Cognito yet: "
        "-trigger custom_email_sender=off leaves it out. See docs/reference/local.md.",
    )


def test_a_name_that_is_taken(cognito, make):
    _, client = make()
    sign_up(cognito, client, "anna")
    assert sign_up_refused(cognito, client, name="anna") == ("UsernameExistsException", "User already exists")
    pool, client = make(AliasAttributes=["email", "preferred_username"])
    early = "Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred username alias."
    assert sign_up_refused(cognito, client, name="anna", preferred_username="a") == ("InvalidParameterException", early)
    for name in ("anna", "bert"):
        verified = attributes(email=f"{name}@orders.example", email_verified="True")
        cognito.admin_create_user(UserPoolId=pool["Id"], Username=name, UserAttributes=verified)
    moved = attributes(email="anna@orders.example", email_verified="true")
    cognito.admin_update_user_attributes(UserPoolId=pool["Id"], Username="bert", UserAttributes=moved)
    assert cognito.admin_get_user(UserPoolId=pool["Id"], Username=ANNA)["Username"] == "bert"
    assert plain(cognito.admin_get_user(UserPoolId=pool["Id"], Username="anna"))["email_verified"] == "false"
