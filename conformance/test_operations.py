"""Each operation of the control plane, as boto3 calls it; users and sign-in have files of their own."""

import pytest
from botocore.exceptions import ClientError

from conftest import CALLED, is_date, remove_pool, unique

OPERATIONS = """
CreateUserPool DescribeUserPool UpdateUserPool DeleteUserPool ListUserPools AddCustomAttributes
GetUserPoolMfaConfig SetUserPoolMfaConfig
CreateUserPoolClient DescribeUserPoolClient UpdateUserPoolClient DeleteUserPoolClient ListUserPoolClients
AddUserPoolClientSecret ListUserPoolClientSecrets DeleteUserPoolClientSecret
CreateUserPoolDomain DescribeUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain
CreateResourceServer DescribeResourceServer UpdateResourceServer DeleteResourceServer ListResourceServers
CreateGroup GetGroup UpdateGroup DeleteGroup ListGroups
CreateIdentityProvider DescribeIdentityProvider GetIdentityProviderByIdentifier UpdateIdentityProvider
DeleteIdentityProvider ListIdentityProviders
TagResource UntagResource ListTagsForResource
AdminCreateUser AdminGetUser AdminDeleteUser ListUsers
""".split()
# Those of users and of signing in are in test_users.py and test_sign_in.py.

STANDARD = """profile address birthdate gender preferred_username updated_at website picture identities sub phone_number
phone_number_verified zoneinfo locale email email_verified given_name family_name middle_name name nickname""".split()

SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "orders"}
CERTIFICATE = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"}


def code(call, **body):
    with pytest.raises(ClientError) as refused:
        call(**body)
    return refused.value.response["Error"]["Code"]


def test_a_pool_is_filled_in(cognito, pool):
    found = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert [attribute["Name"] for attribute in found["SchemaAttributes"]] == STANDARD
    assert found["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert found["Policies"]["SignInPolicy"] == {"AllowedFirstAuthFactors": ["PASSWORD"]}
    assert found["EmailConfiguration"] == {"EmailSendingAccount": "COGNITO_DEFAULT"}
    assert (found["MfaConfiguration"], found["DeletionProtection"]) == ("OFF", "INACTIVE")
    assert found["UserPoolTier"] == "ESSENTIALS"
    assert found["UserPoolTags"] == {} and "UserPoolTags" not in pool
    assert is_date(found["CreationDate"]) and found["EstimatedNumberOfUsers"] == 0
    for absent in ("Domain", "AliasAttributes", "AutoVerifiedAttributes", "SmsConfiguration", "UserPoolAddOns"):
        assert absent not in found


def test_a_pool_is_updated(cognito, pool):
    pool_id = pool["Id"]
    cognito.update_user_pool(
        UserPoolId=pool_id,
        AutoVerifiedAttributes=["email"],
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        UserPoolTags={"team": "orders"},
    )
    found = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert found["Policies"]["PasswordPolicy"]["RequireSymbols"] is False
    cognito.update_user_pool(UserPoolId=pool_id)
    found = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 12, "kept"
    assert "AutoVerifiedAttributes" not in found, "reset"
    assert found["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False, "reset"


def test_attributes_are_added(cognito, pool):
    cognito.add_custom_attributes(
        UserPoolId=pool["Id"],
        CustomAttributes=[
            {"Name": "level", "AttributeDataType": "Number", "Mutable": True},
            {"Name": "internal", "AttributeDataType": "String", "DeveloperOnlyAttribute": True, "Mutable": True},
        ],
    )
    found = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["SchemaAttributes"]
    assert [attribute["Name"] for attribute in found] == [*STANDARD, "custom:level", "dev:custom:internal"]
    assert found[-2]["NumberAttributeConstraints"] == {} and found[-1]["StringAttributeConstraints"] == {}


def test_pools_are_listed_by_pages(cognito, pool):
    others = [cognito.create_user_pool(PoolName=f"page-{number}")["UserPool"]["Id"] for number in range(3)]
    try:
        seen, token = [], None
        while True:
            page = cognito.list_user_pools(MaxResults=2, **({"NextToken": token} if token else {}))
            assert len(page["UserPools"]) <= 2
            seen += [entry["Id"] for entry in page["UserPools"]]
            token = page.get("NextToken")
            if not token:
                break
        assert {pool["Id"], *others} <= set(seen) and len(seen) == len(set(seen))
    finally:
        for other in others:
            remove_pool(cognito, other)


def test_mfa_is_turned_on_and_off(cognito, pool):
    ids = {"UserPoolId": pool["Id"]}
    plain = lambda answer: {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    assert plain(cognito.get_user_pool_mfa_config(**ids)) == {"MfaConfiguration": "OFF"}
    answer = cognito.set_user_pool_mfa_config(
        **ids, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    assert plain(answer) == {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    assert cognito.describe_user_pool(**ids)["UserPool"]["MfaConfiguration"] == "OPTIONAL"
    cognito.set_user_pool_mfa_config(
        **ids,
        MfaConfiguration="ON",
        SmsMfaConfiguration={"SmsAuthenticationMessage": "Code {####}", "SmsConfiguration": SMS},
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    found = cognito.get_user_pool_mfa_config(**ids)
    assert found["SmsMfaConfiguration"] == {"SmsAuthenticationMessage": "Code {####}", "SmsConfiguration": SMS}
    cognito.set_user_pool_mfa_config(**ids, MfaConfiguration="OFF")
    assert plain(cognito.get_user_pool_mfa_config(**ids)) == {"MfaConfiguration": "OFF"}


def test_a_client_is_filled_in_and_reset(cognito, pool):
    ids = {"UserPoolId": pool["Id"]}
    made = cognito.create_user_pool_client(
        **ids,
        ClientName="web",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"],
    )["UserPoolClient"]
    ids["ClientId"] = made["ClientId"]
    assert made["TokenValidityUnits"] == {} and made["RefreshTokenValidity"] == 30
    assert made["EnableTokenRevocation"] is True and made["AuthSessionValidity"] == 3
    assert "PreventUserExistenceErrors" not in made and "AccessTokenValidity" not in made
    found = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    assert found["ExplicitAuthFlows"] == ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert found["ClientSecret"] == made["ClientSecret"]
    updated = cognito.update_user_pool_client(**ids, RefreshTokenValidity=10)["UserPoolClient"]
    assert updated["ClientName"] == "web" and "ExplicitAuthFlows" not in updated
    listed = cognito.list_user_pool_clients(UserPoolId=pool["Id"], MaxResults=60)["UserPoolClients"]
    assert listed == [{"ClientId": made["ClientId"], "UserPoolId": pool["Id"], "ClientName": "web"}]
    cognito.delete_user_pool_client(**ids)
    assert code(cognito.describe_user_pool_client, **ids) == "ResourceNotFoundException"


def test_secrets_of_a_client(cognito, pool):
    made = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="job", GenerateSecret=True)
    ids = {"UserPoolId": pool["Id"], "ClientId": made["UserPoolClient"]["ClientId"]}
    added = cognito.add_user_pool_client_secret(**ids)["ClientSecretDescriptor"]
    listed = cognito.list_user_pool_client_secrets(**ids)["ClientSecrets"]
    assert len(listed) == 2 and added["ClientSecretId"] in [one["ClientSecretId"] for one in listed]
    cognito.delete_user_pool_client_secret(**ids, ClientSecretId=added["ClientSecretId"])
    assert len(cognito.list_user_pool_client_secrets(**ids)["ClientSecrets"]) == 1


def test_a_prefix_and_a_custom_domain_side_by_side(cognito, pool):
    ids = {"UserPoolId": pool["Id"]}
    prefix, custom = unique("prefix"), f"{unique('auth')}.orders.example"
    made = cognito.create_user_pool_domain(**ids, Domain=prefix)
    assert made["ManagedLoginVersion"] == 1 and "CloudFrontDomain" not in made
    made = cognito.create_user_pool_domain(**ids, Domain=custom, CustomDomainConfig=CERTIFICATE)
    assert made["CloudFrontDomain"].endswith(".cloudfront.net")
    found = cognito.describe_user_pool(**ids)["UserPool"]
    assert (found["Domain"], found["CustomDomain"]) == (prefix, custom)
    described = cognito.describe_user_pool_domain(Domain=custom)["DomainDescription"]
    assert described["CustomDomainConfig"] == CERTIFICATE and described["Status"] == "ACTIVE"
    assert cognito.update_user_pool_domain(**ids, Domain=prefix, ManagedLoginVersion=2)["ManagedLoginVersion"] == 2
    for domain in (prefix, custom):
        cognito.delete_user_pool_domain(**ids, Domain=domain)
    assert cognito.describe_user_pool_domain(Domain=prefix)["DomainDescription"] == {}
    assert "Domain" not in cognito.describe_user_pool(**ids)["UserPool"]


def test_resource_servers(cognito, pool):
    ids = {"UserPoolId": pool["Id"], "Identifier": "https://api.orders.example"}
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("write", "read")]
    cognito.create_resource_server(**ids, Name="Orders", Scopes=scopes)
    found = cognito.describe_resource_server(**ids)["ResourceServer"]
    assert [scope["ScopeName"] for scope in found["Scopes"]] == ["read", "write"]
    assert cognito.list_resource_servers(UserPoolId=pool["Id"], MaxResults=10)["ResourceServers"] == [found]
    updated = cognito.update_resource_server(**ids, Name="Orders API")["ResourceServer"]
    assert updated["Name"] == "Orders API" and "Scopes" not in updated
    cognito.delete_resource_server(**ids)
    assert code(cognito.describe_resource_server, **ids) == "ResourceNotFoundException"


def test_groups(cognito, pool):
    ids = {"UserPoolId": pool["Id"], "GroupName": "admins"}
    role = "arn:aws:iam::123456789012:role/admins"
    made = cognito.create_group(**ids, Precedence=0)["Group"]
    assert made["Precedence"] == 0 and "Description" not in made
    cognito.update_group(**ids, Description="those who may", RoleArn=role)
    found = cognito.get_group(**ids)["Group"]
    assert (found["Precedence"], found["Description"], found["RoleArn"]) == (0, "those who may", role)
    assert [group["GroupName"] for group in cognito.list_groups(UserPoolId=pool["Id"])["Groups"]] == ["admins"]
    cognito.delete_group(**ids)
    assert code(cognito.get_group, **ids) == "ResourceNotFoundException"


def test_identity_providers(cognito, pool):
    ids = {"UserPoolId": pool["Id"], "ProviderName": "Google"}
    made = cognito.create_identity_provider(
        **ids,
        ProviderType="Google",
        ProviderDetails={"client_id": "id", "client_secret": "secret", "authorize_scopes": "openid email"},
        AttributeMapping={"email": "email"},
        IdpIdentifiers=["search"],
    )["IdentityProvider"]
    assert made["ProviderDetails"]["oidc_issuer"] == "https://accounts.google.com"
    assert made["AttributeMapping"] == {"email": "email", "username": "sub"}
    found = cognito.describe_identity_provider(**ids)["IdentityProvider"]
    by_identifier = cognito.get_identity_provider_by_identifier(UserPoolId=pool["Id"], IdpIdentifier="search")
    assert by_identifier["IdentityProvider"] == found
    updated = cognito.update_identity_provider(**ids, AttributeMapping={"name": "name"})["IdentityProvider"]
    assert updated["AttributeMapping"]["name"] == "name"
    assert updated["ProviderDetails"]["client_secret"] == "secret"
    listed = cognito.list_identity_providers(UserPoolId=pool["Id"], MaxResults=10)["Providers"]
    assert [entry["ProviderName"] for entry in listed] == ["Google"]
    cognito.delete_identity_provider(**ids)
    assert code(cognito.describe_identity_provider, **ids) == "ResourceNotFoundException"


def test_tags(cognito, pool):
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"team": "orders", "stage": "test"})
    cognito.untag_resource(ResourceArn=pool["Arn"], TagKeys=["stage"])
    assert cognito.list_tags_for_resource(ResourceArn=pool["Arn"])["Tags"] == {"team": "orders"}
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["UserPoolTags"] == {"team": "orders"}


def test_users(cognito, pool):
    ids = {"UserPoolId": pool["Id"]}
    for name in ("anna", "bert", "carl"):
        made = cognito.admin_create_user(
            **ids,
            Username=name,
            UserAttributes=[{"Name": "email", "Value": f"{name}@orders.example"}],
            TemporaryPassword="Temporary-1",
            MessageAction="SUPPRESS",
        )["User"]
        assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD" and made["Enabled"] is True
        assert [attribute["Name"] for attribute in made["Attributes"]] == ["email", "sub"]
    found = cognito.admin_get_user(**ids, Username="bert")
    assert {"Name": "email", "Value": "bert@orders.example"} in found["UserAttributes"]
    assert cognito.describe_user_pool(**ids)["UserPool"]["EstimatedNumberOfUsers"] == 3
    listed = cognito.list_users(**ids, Filter='email ^= "c"')["Users"]
    assert [user["Username"] for user in listed] == ["carl"]
    first = cognito.list_users(**ids, Limit=2)
    second = cognito.list_users(**ids, Limit=2, PaginationToken=first["PaginationToken"])
    assert len(first["Users"]) == 2 and len(second["Users"]) == 1 and "PaginationToken" not in second
    cognito.admin_delete_user(**ids, Username="anna")
    assert code(cognito.admin_get_user, **ids, Username="anna") == "UserNotFoundException"


def test_a_member_the_model_does_not_have(cognito, pool):
    """botocore drops what it does not know, so this one is sent by hand."""
    import urllib.error
    import urllib.request

    from conftest import endpoint

    request = urllib.request.Request(
        endpoint(),
        data=b'{"UserPoolId":"%s","PoolNmae":"x"}' % pool["Id"].encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.UpdateUserPool",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/cognito-idp/aws4_request",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert b"PoolNmae" in refused.value.read() and refused.value.headers["x-amzn-ErrorType"].endswith(":")


def test_what_is_not_built_says_so(cognito, client):
    name = code(cognito.get_csv_header, UserPoolId=client["UserPoolId"])
    assert name == "NotImplementedException"


def test_no_days_are_the_default(cognito, pool):
    policy = {"PasswordPolicy": {"MinimumLength": 9, "TemporaryPasswordValidityDays": 0}}
    config = {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 0}
    cognito.update_user_pool(UserPoolId=pool["Id"], Policies=policy, AdminCreateUserConfig=config)
    found = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert found["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 7
    assert found["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 7


@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
def test_mfa_from_the_start(cognito, mode):
    made = cognito.create_user_pool(PoolName="mfa", MfaConfiguration=mode, SmsConfiguration=SMS)["UserPool"]
    try:
        app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
        cognito.set_user_pool_mfa_config(UserPoolId=made["Id"], MfaConfiguration=mode, **app)
        both = {"SmsMfaConfiguration": {"SmsConfiguration": SMS}, "SoftwareTokenMfaConfiguration": {"Enabled": False}}
        cognito.set_user_pool_mfa_config(UserPoolId=made["Id"], MfaConfiguration=mode, **both)
        found = cognito.get_user_pool_mfa_config(UserPoolId=made["Id"])
        assert found["SoftwareTokenMfaConfiguration"] == {"Enabled": False}
    finally:
        remove_pool(cognito, made["Id"])


def test_every_operation_was_called():
    assert not [name for name in OPERATIONS if name not in CALLED]
