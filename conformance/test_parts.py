"""What a pool has beside users, clients and groups: the looks of its pages, terms, threat protection, logs."""

import urllib.error
import urllib.request

import pytest

from conftest import is_date, refused, remove_pool, unique

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
CSS = ".logo-customizable { max-width: 60%; }\n.submitButton-customizable:hover { color: #fff; }\n"
SETTINGS = {"categories": {"form": {"displayGraphics": True, "location": {"horizontal": "CENTER"}}}, "sizes": [1, 2.5]}
NOBODY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def plus(cognito):
    made = cognito.create_user_pool(
        PoolName="plus", UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"}
    )["UserPool"]
    yield made["Id"]
    remove_pool(cognito, made["Id"])


def test_the_look_of_the_classic_pages(cognito, pool, client):
    of_pool = {"UserPoolId": pool["Id"]}
    of_client = {**of_pool, "ClientId": client["ClientId"]}
    code, words = refused(cognito.set_ui_customization, **of_pool, CSS=CSS)
    assert (code, words) == (
        "InvalidParameterException",
        "There has to be an existing domain associated with this user pool.",
    )
    cognito.create_user_pool_domain(UserPoolId=pool["Id"], Domain=unique("look"))
    assert cognito.get_ui_customization(**of_client)["UICustomization"] == {}
    made = cognito.set_ui_customization(**of_pool, CSS=CSS)["UICustomization"]
    assert (made["ClientId"], made["CSS"], len(made["CSSVersion"])) == ("ALL", CSS, 14)
    # Clients without a look of their own have that of all.
    assert cognito.get_ui_customization(**of_client)["UICustomization"]["ClientId"] == "ALL"
    own = cognito.set_ui_customization(**of_client, ImageFile=PICTURE)["UICustomization"]
    assert own["ClientId"] == client["ClientId"] and "CSS" not in own
    with urllib.request.urlopen(own["ImageUrl"]) as answer:
        assert (answer.read(), answer.headers["content-type"]) == (PICTURE, "image/png")
    # Set is whole: what is left out goes.
    cognito.set_ui_customization(**of_client, CSS=CSS)
    found = cognito.get_ui_customization(**of_client)["UICustomization"]
    assert found["ClientId"] == client["ClientId"] and "ImageUrl" not in found and is_date(found["LastModifiedDate"])
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(own["ImageUrl"])
    code, words = refused(cognito.set_ui_customization, **of_pool, CSS="body { color: red; }")
    assert words == "The CSS class body is not in the list of allowed classes."
    assert refused(cognito.set_ui_customization, **of_pool, ImageFile=b"GIF89a")[0] == "InvalidParameterException"
    assert refused(cognito.get_ui_customization, **of_pool, ClientId="nobody")[0] == "ResourceNotFoundException"
    cognito.set_ui_customization(**of_client)
    assert cognito.get_ui_customization(**of_client)["UICustomization"]["ClientId"] == "ALL"
    cognito.set_ui_customization(**of_pool)
    assert cognito.get_ui_customization(**of_pool)["UICustomization"] == {}


def test_the_look_of_managed_login(cognito, pool, client):
    of_client = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
    code, words = refused(cognito.describe_managed_login_branding_by_client, **of_client)
    assert (code, words) == (
        "ResourceNotFoundException",
        f"ManagedLoginBranding for client {client['ClientId']} does not exist.",
    )
    made = cognito.create_managed_login_branding(**of_client, UseCognitoProvidedValues=True)["ManagedLoginBranding"]
    assert made["Assets"] == [] and "Settings" not in made and made["UseCognitoProvidedValues"] is True
    code, words = refused(cognito.create_managed_login_branding, **of_client, UseCognitoProvidedValues=True)
    assert (code, words) == (
        "ManagedLoginBrandingExistsException",
        f"A ManagedLoginBranding already exists for client {client['ClientId']}",
    )
    own = {"UserPoolId": pool["Id"], "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]}
    asset = {"Category": "PAGE_HEADER_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": PICTURE}
    cognito.update_managed_login_branding(**own, Settings=SETTINGS, Assets=[asset])
    found = cognito.describe_managed_login_branding(**own)["ManagedLoginBranding"]
    assert found["Settings"] == SETTINGS and found["Assets"] == [asset] and found["UseCognitoProvidedValues"] is False
    # What an update leaves out stays.
    cognito.update_managed_login_branding(**own, Settings={"a": 1})
    found = cognito.describe_managed_login_branding_by_client(**of_client)["ManagedLoginBranding"]
    assert found["Settings"] == {"a": 1} and found["Assets"] == [asset]
    for body in ({}, {"UseCognitoProvidedValues": True, "Settings": {}}, {"UseCognitoProvidedValues": False}, {"Assets": []}):
        code, words = refused(cognito.update_managed_login_branding, **own, **body)
        assert words == "useCognitoProvidedValues or settings should be specified (but not both)"
    wrong = {**asset, "Category": "PAGE_BACKGROUND", "Extension": "ICO"}
    code, words = refused(cognito.update_managed_login_branding, **own, Settings={}, Assets=[wrong])
    assert words.startswith(
        "Invalid assets provided. Validation errors: [{category: PAGE_BACKGROUND, extension: ICO, colorMode: LIGHT, errorMessage:"
    )
    unknown = {**own, "ManagedLoginBrandingId": NOBODY}
    assert refused(cognito.describe_managed_login_branding, **unknown) == (
        "ResourceNotFoundException",
        "ManagedLoginBranding does not exist.",
    )
    cognito.delete_managed_login_branding(**own)
    assert refused(cognito.delete_managed_login_branding, **own)[0] == "ResourceNotFoundException"
    # A client takes its look along.
    made = cognito.create_managed_login_branding(**of_client, Settings={})["ManagedLoginBranding"]
    assert made["Settings"] == {} and made["UseCognitoProvidedValues"] is False
    cognito.delete_user_pool_client(**of_client)
    own["ManagedLoginBrandingId"] = made["ManagedLoginBrandingId"]
    assert refused(cognito.describe_managed_login_branding, **own)[0] == "ResourceNotFoundException"


def test_terms(cognito, pool, client):
    given = {"TermsSource": "LINK", "Enforcement": "NONE", "Links": {"cognito:default": "https://example.com/terms"}}
    of_client = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
    made = cognito.create_terms(**of_client, TermsName="terms-of-use", **given)["Terms"]
    assert made["Links"] == given["Links"] and is_date(made["CreationDate"])
    assert refused(cognito.create_terms, **of_client, TermsName="terms-of-use", **given)[0] == "TermsExistsException"
    assert refused(cognito.create_terms, **of_client, TermsName="privacy-policy", **{**given, "Links": {"cognito:french": "https://example.com"}})[0] == "InvalidParameterException"
    other = cognito.create_terms(**of_client, TermsName="privacy-policy", **given)["Terms"]
    assert len({each["TermsId"] for each in cognito.list_terms(UserPoolId=pool["Id"])["Terms"]}) == 2
    page = cognito.list_terms(UserPoolId=pool["Id"], MaxResults=1)
    assert len(page["Terms"]) == 1
    assert len(cognito.list_terms(UserPoolId=pool["Id"], MaxResults=1, NextToken=page["NextToken"])["Terms"]) == 1
    own = {"UserPoolId": pool["Id"], "TermsId": made["TermsId"]}
    assert refused(cognito.update_terms, **own, TermsName="privacy-policy")[0] == "TermsExistsException"
    changed = {"cognito:default": "https://example.com/2", "cognito:german": "https://example.com/de"}
    assert cognito.update_terms(**own, Links=changed)["Terms"]["Links"] == changed
    assert cognito.describe_terms(**own)["Terms"]["Links"] == changed
    cognito.delete_terms(**own)
    assert refused(cognito.describe_terms, **own)[0] == "ResourceNotFoundException"
    cognito.delete_user_pool_client(**of_client)
    assert cognito.list_terms(UserPoolId=pool["Id"])["Terms"] == []
    assert refused(cognito.describe_terms, UserPoolId=pool["Id"], TermsId=other["TermsId"])[0] == "ResourceNotFoundException"


def test_what_threat_protection_does(cognito, plus, pool):
    assert refused(cognito.describe_risk_configuration, UserPoolId=pool["Id"])[0] == "UserPoolAddOnNotEnabledException"
    client = cognito.create_user_pool_client(UserPoolId=plus, ClientName="c")["UserPoolClient"]["ClientId"]
    assert cognito.describe_risk_configuration(UserPoolId=plus)["RiskConfiguration"] == {"UserPoolId": plus}
    risk = {
        "CompromisedCredentialsRiskConfiguration": {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}},
        "AccountTakeoverRiskConfiguration": {
            "NotifyConfiguration": {
                "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@example.com",
                "BlockEmail": {"Subject": "Blocked", "HtmlBody": "<p>blocked</p>", "TextBody": "blocked"},
            },
            "Actions": {"HighAction": {"Notify": True, "EventAction": "BLOCK"}},
        },
        "RiskExceptionConfiguration": {"BlockedIPRangeList": ["10.0.0.0/8", "2001:db8::/32"]},
    }
    made = cognito.set_risk_configuration(UserPoolId=plus, ClientId=client, **risk)["RiskConfiguration"]
    assert made["ClientId"] == client and is_date(made["LastModifiedDate"])
    found = cognito.describe_risk_configuration(UserPoolId=plus, ClientId=client)["RiskConfiguration"]
    assert {name: found[name] for name in risk} == risk
    # The pool's own is another one.
    assert cognito.describe_risk_configuration(UserPoolId=plus)["RiskConfiguration"] == {"UserPoolId": plus}
    ranges = {"RiskExceptionConfiguration": {"SkippedIPRangeList": ["10.0.0.1"]}}
    assert refused(cognito.set_risk_configuration, UserPoolId=plus, **ranges) == (
        "InvalidParameterException",
        "Incorrect CIDR format",
    )
    notify = {"SourceArn": "arn:aws:ses:sa-east-1:123456789012:identity/a@example.com"}
    takeover = {"AccountTakeoverRiskConfiguration": {"NotifyConfiguration": notify, "Actions": {}}}
    assert refused(cognito.set_risk_configuration, UserPoolId=plus, **takeover)[1] == (
        "Invalid NotifyConfiguration.SourceArn. Provided SourceArn must be in one of the following SES regions: "
        "eu-west-1, us-east-1, us-west-2."
    )
    # With nothing but names it goes.
    cognito.set_risk_configuration(UserPoolId=plus, ClientId=client)
    found = cognito.describe_risk_configuration(UserPoolId=plus, ClientId=client)["RiskConfiguration"]
    assert found == {"UserPoolId": plus, "ClientId": client}


def test_where_logs_go(cognito, pool, plus):
    def logs(source, level="ERROR", group="arn:aws:logs:us-east-1:123456789012:log-group:cognito"):
        return {"EventSource": source, "LogLevel": level, "CloudWatchLogsConfiguration": {"LogGroupArn": group}}

    own = {"UserPoolId": pool["Id"]}
    none = cognito.get_log_delivery_configuration(**own)["LogDeliveryConfiguration"]
    assert none == {**own, "LogConfigurations": []}
    wanted = [logs("userNotification")]
    cognito.set_log_delivery_configuration(**own, LogConfigurations=wanted)
    assert cognito.get_log_delivery_configuration(**own)["LogDeliveryConfiguration"]["LogConfigurations"] == wanted

    def words(*entries):
        return refused(cognito.set_log_delivery_configuration, **own, LogConfigurations=list(entries))[1]

    nowhere = {"EventSource": "userNotification", "LogLevel": "ERROR"}
    assert words(nowhere) == (
        "Request validation Failed. Following event sources in request have no destination: [userNotification]."
    )
    assert words(wanted[0], wanted[0]) == (
        "Request validation Failed. Following event sources appear more then once in a request: [userNotification]."
    )
    elsewhere = "arn:aws:logs:eu-west-1:999999999999:log-group:x"
    assert words(logs("userNotification", group=elsewhere)) == (
        f"Request validation Failed. [CloudWatch log group arn {elsewhere} failed with the following validation errors: "
        "ARN does not belong to invoking account. ARN does not belong to current region. ]"
    )
    activity = [logs("userAuthEvents", "INFO")]
    code, _ = refused(cognito.set_log_delivery_configuration, **own, LogConfigurations=activity)
    assert code == "FeatureUnavailableInTierException"
    cognito.set_log_delivery_configuration(UserPoolId=plus, LogConfigurations=activity)
    cognito.set_log_delivery_configuration(**own, LogConfigurations=[])
    assert cognito.get_log_delivery_configuration(**own)["LogDeliveryConfiguration"] == none
