//! Every refusal the emulator gives for a reason other than the limits of the model: code and words, one row each.
//!
//! The evidence of a row is the row of the recorded refusals that it repeats (P1 and so on, with the source named
//! there). `own words` marks a condition that the service refuses, or that its documents rule out, in words nobody has
//! recorded: those must not be relied on. `the emulator's own refusal` marks what the service does not refuse: such a text ends
//! with the page that says what is not built.

use poolform_model::{Object, Refusal};

/// What an operation answers, and everything on the way to it.
pub(crate) type Answer<T = Object> = Result<T, Refusal>;

/// The page that says where the local Cognito differs from the service, and what is not built.
pub(crate) const PAGE: &str = "docs/reference/local.md";
/// The beginning of the evidence of a refusal that is not the service's.
const OWN: &str = "the emulator's own refusal";

/// One refusal. `{}` in the text is a hole, filled from left to right.
#[derive(Debug)]
pub struct Words {
    /// `InvalidParameterException`
    pub code: &'static str,
    /// The text with its holes.
    pub text: &'static str,
    /// Where the text was read, or `own words`.
    pub evidence: &'static str,
}

impl Words {
    /// The refusal, its holes filled.
    pub(crate) fn with(&self, fillings: &[&str]) -> Refusal {
        let mut parts = self.text.split("{}");
        let mut message = parts.next().unwrap_or_default().to_owned();
        for (position, part) in parts.enumerate() {
            message.push_str(fillings.get(position).copied().unwrap_or_default());
            message.push_str(part);
        }
        if self.evidence.starts_with(OWN) {
            message.push_str(&format!(" See {PAGE}."));
        }
        Refusal::new(self.code, message)
    }

    /// Whether a refusal is this one, of a text without holes.
    pub(crate) fn is(&self, refusal: &Refusal) -> bool {
        refusal.code == self.code && refusal.message == self.text
    }

    /// The refusal of a text without holes.
    pub(crate) fn refuse<T>(&self) -> Result<T, Refusal> {
        Err(self.with(&[]))
    }
}

macro_rules! words {
    ($($name:ident $code:ident $text:literal $evidence:literal)*) => {
        $(
            #[doc = concat!("`", $text, "` (", $evidence, ")")]
            pub(crate) const $name: Words = Words { code: stringify!($code), text: $text, evidence: $evidence };
        )*
        /// All rows, by name.
        pub const ALL: &[(&str, Words)] = &[$((stringify!($name), $name)),*];
    };
}

words! {
    // Any operation
    NO_POOL ResourceNotFoundException "User pool {} does not exist." "L1, tf#34758"
    NO_CLIENT ResourceNotFoundException "User pool client {} does not exist." "L1, sdk-php#2183"
    UNKNOWN_MEMBER InvalidParameterException "Member '{}' is not in the API model of {}.{}" "the emulator's own refusal: the service drops members it does not know"
    WRONG_TYPE SerializationException "Expected {} at '{}'" "own words; V2 records the code and the whole-body case only"
    NOT_A_MAP SerializationException "Expected map or null" "V2, amp-js#4738"
    NOT_JSON SerializationException "The request body is not JSON: {}" "own words"
    NOT_BUILT NotImplementedException "{} is not built into poolform's local Cognito yet." "the emulator's own refusal"
    FAULT InternalErrorException "{}" "own words: a fault of the emulator's store"
    QUOTA LimitExceededException "The quota of {} {} is reached." "own words: L1 has the code, no text"
    BAD_TOKEN InvalidParameterException "Invalid pagination token." "own words"

    // P1: attributes and schema
    ALIAS_AND_USERNAME InvalidParameterException "Only one of the aliasAttributes or usernameAttributes can be set in a User pool." "P1, pf:alias-username-exclusive"
    CUSTOM_REQUIRED InvalidParameterException "Required custom attributes are not supported currently." "P1, boto3#2317"
    CUSTOM_TYPE InvalidParameterException "Invalid AttributeDataType input, consider using the provided AttributeDataType enum." "P1, inferred"
    STANDARD_TYPE InvalidParameterException "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {}" "P1, pf:schema-standard-attr-datatype"
    CUSTOM_TWICE InvalidParameterException "Duplicate custom attribute names custom:{} are not allowed in a user pool schema." "P1, pf:schema-name-duplicate"
    STANDARD_TWICE InvalidParameterException "Duplicate attribute names {} are not allowed in a user pool schema." "own words"
    LENGTHS_CROSSED InvalidParameterException "Attribute {} cannot have a max length shorter than it's min length" "P1, pf:schema-attr-length-order"
    VALUES_CROSSED InvalidParameterException "Attribute {} cannot have a max value smaller than it's min value" "P1, pf:schema-number-min-max-order"
    NOT_A_NUMBER InvalidParameterException "Attribute {} has a constraint that is not a whole number: {}" "own words"
    NO_NAME InvalidParameterException "A schema attribute needs a name." "own words"
    NOT_AUTO_VERIFIED InvalidParameterException "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes" "P1, pf:user-attribute-update-requires-auto-verified"
    ADMIN_ONLY_BESIDE InvalidParameterException "Invalid account recovery setting parameter. Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms." "P1, pf:recovery-admin-only-alone"
    PHONE_RECOVERY InvalidParameterException "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a recovery mechanism when SMS MFA is configured." "P1, cdk#11478"
    RECOVERY_TWICE InvalidParameterException "Invalid account recovery setting parameter. Account Recovery Setting has {} more than once." "own words"
    REQUIRED_ALIAS InvalidParameterException "preferred_username cannot be required and an alias at once." "own words"
    CUSTOM_EXISTS InvalidParameterException "{}: Existing attribute already has name {}." "P1, serverless-cognito-add-custom-attributes#3"

    // P2: passwords, sign-in policy, tiers, triggers
    NO_PASSWORD InvalidParameterException "Password should be configured as one of the allowed first auth factors." "P2, pf:signin-policy-password-required"
    SMS_OTP_WITHOUT_SMS InvalidParameterException "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration" "P2, cdkd"
    TIER_OF_POOL FeatureUnavailableInTierException "The following features need to be disabled for the {} pricing tier configured: {}" "P2, tf PR#40734"
    TIER FeatureUnavailableInTierException "The following feature is not available for the {} pricing tier configured: {}" "P2, pf:managed-login-version-tier"
    SENDER_WITHOUT_KEY InvalidParameterException "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used." "P2, pf:custom-email-sender-kms"
    TRIGGER_ELSEWHERE InvalidParameterException "Cross-region lambda functions are not supported" "P2, pf:lambda-config-region"
    TRIGGERS_DIFFER InvalidParameterException "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's" "P2, pf:pre-token-generation-legacy-mix"
    KEY_ELSEWHERE InvalidParameterException "The KMS key {} is not in the user pool's Region." "own words"
    VALIDITY_TWICE InvalidParameterException "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays" "own words after the API reference"

    // P3: SMS, e-mail, messages
    ROLE_ELSEWHERE InvalidParameterException "Cross-account pass role is not allowed." "P3, pf:sms-caller-arn-account; G1, pf:group-role-arn-account"
    SNS_REGION InvalidParameterException "Invalid snsRegion. Allowed SNS region for {} is {}" "P3, pf:sms-configuration-sns-region"
    SMS_MISSING InvalidParameterException "SMS configuration is required when phone_number is selected for auto verification" "P3, tf#28294"
    SMS_TWICE InvalidParameterException "Only one of SnsCallerArn and EumsSms can be set." "own words"
    SOURCE_MISSING InvalidParameterException "Source ARN is required to use DEVELOPER email sending owner" "P3, pf:email-developer-requires-sourcearn"
    SOURCE_REGION InvalidParameterException "Invalid EmailConfiguration.SourceArn. Provided SourceArn must be in one of the following SES regions: {}." "P3, pf:email-sourcearn-region"
    SOURCE_ALONE InvalidEmailRoleAccessPolicyException "Cognito is not allowed to use your email identity" "P3, pf:email-cognito-default-with-sourcearn"
    FROM_INVALID InvalidParameterException "Provided From email address is invalid" "P3, pf:email-from-format"
    FROM_ALONE InvalidParameterException "From is only allowed with the DEVELOPER email sending owner." "own words"
    MESSAGE_INVALID InvalidParameterException "The message is invalid." "P3, cli#8280"
    NO_USERNAME InvalidParameterException "The invitation message must contain {username}." "own words after the API reference"

    // P4: MFA
    MFA_WITHOUT_SMS InvalidParameterException "SMS configuration and Auto verification for phone_number are required when MFA is required/optional" "P4, cdk#12075"
    MFA_LATE InvalidParameterException "Cannot turn MFA functionality ON, once the user pool has been created" "P4, cdkd #1925"
    MFA_WITHOUT_FACTOR InvalidParameterException "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration." "P4, sdk-js#4186"
    MFA_ONLY_PASSKEYS InvalidParameterException "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled." "P4, cdkd #1920"
    MFA_OFF_WITH_FACTOR InvalidParameterException "Invalid MFA configuration given, can't turn off MFA and configure an MFA together." "P4, pf:mfa-off-with-enabled-mfas"
    EMAIL_MFA_DEFAULT InvalidParameterException "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT. Update the value of EmailSendingAccount." "P4, pf:mfa-email-otp-requires-developer"
    SMS_MFA_DROPPED InvalidParameterException "Can't turn off SMS_MFA when SMS configuration is set for the user pool" "P4, amp-backend#1481"
    SMS_MFA_WITHOUT_SMS InvalidParameterException "SMS configuration is required to enable SMS MFA." "own words"
    FACTORS_UNDER_MFA InvalidParameterException "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled" "P4, cdkd #1975"
    PASSKEYS_SINGLE InvalidParameterException "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor" "P4, cdkd #2064"

    // C1: clients
    OAUTH_INCOMPLETE InvalidParameterException "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows." "C1, pf:oauth-flows-scopes-required"
    NO_CALLBACK InvalidOAuthFlowException "CallbackUrls can not be empty when code flow or implicit flow is selected" "C1, pf:oauth-callback-required"
    CREDENTIALS_WITHOUT_SECRET InvalidOAuthFlowException "client_credentials flow can not be selected if client does not have a client secret." "C1, pf:client-credentials-secret"
    CREDENTIALS_BESIDE InvalidOAuthFlowException "client_credentials flow can not be selected along with code flow or implicit flow." "C1, pf:client-credentials-exclusive"
    NO_SCOPE ScopeDoesNotExistException "Invalid scope requested: {}" "C1, cfnguide#564"
    NO_PROVIDER InvalidParameterException "The provider {} does not exist for User Pool {}." "C1, tfmod#72"
    URL_HTTP InvalidParameterException "{} cannot use the HTTP protocol." "C1, pf:callback-url-https"
    URL_FRAGMENT InvalidParameterException "{} cannot use fragment" "C1, pf:callback-url-fragment"
    REDIRECT_UNLISTED InvalidParameterException "The default redirect URI {} is not in the callback URIs list." "C1, pf:default-redirect-uri-member"
    READ_ATTRIBUTES InvalidParameterException "Invalid read attributes specified while {} a client" "C1, pf:read-attributes-exists"
    WRITE_ATTRIBUTES InvalidParameterException "Invalid write attributes specified while {} a client" "C1, pf:write-attributes-immutable"
    VALIDITY_RANGE InvalidParameterException "Invalid range for token validity." "C1, pf:token-validity-range"
    VALIDITY_ORDER InvalidParameterException "Access and Id Token expiration times must be less than or equal to refresh token expiration times." "C1, pf:token-expiration-order"
    FLOWS_MIXED InvalidParameterException "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names." "C1, pf:explicit-auth-flows-legacy-mix"
    ROTATION_WITH_REFRESH InvalidParameterException "ALLOW_REFRESH_TOKEN_AUTH cannot be used with refresh token rotation." "own words: C1 has no text"
    CONTEXT_WITHOUT_SECRET InvalidParameterException "Client Secret is required to set EnablePropagateAdditionalUserContextData as true" "C1, pf:propagate-context-requires-secret"
    SECRET_TWICE InvalidParameterException "Only one of GenerateSecret and ClientSecret can be given." "own words"
    SECRET_OF_PUBLIC InvalidParameterException "The client {} has no secret: a public client cannot get one." "own words"
    NO_SECRETS_MANAGER NotImplementedException "Secrets Manager is another service: secrets published there are not built into poolform's local Cognito yet." "the emulator's own refusal"
    SECRETS_FULL LimitExceededException "The client has two secrets already." "own words"
    LAST_SECRET InvalidParameterException "The last secret of a client cannot be deleted." "own words"
    NO_SECRET ResourceNotFoundException "Client secret {} does not exist." "own words"

    // D1, D2: domains, deleting a pool
    DOMAIN_TAKEN InvalidParameterException "Domain already associated with another user pool." "D1, serverless#10135"
    DOMAIN_EXISTS InvalidParameterException "Domain already exists." "D1, amp-cli#1845"
    DOMAIN_SECOND InvalidParameterException "User pool already has a domain configured." "D1, cdk#10062"
    DOMAIN_FORM InvalidParameterException "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens. Please enter a different name that follows this format: ^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$" "D1, tfmod2#69"
    DOMAIN_RESERVED InvalidParameterException "Domain cannot contain reserved word: {}" "D1, notes; matched by hyphen-separated token, pf:domain-reserved-word"
    DOMAIN_PARENT InvalidParameterException "Custom domain is not a valid subdomain: Was not able to resolve a DNS A record for the parent domain or domain parent is a top-level domain." "D1, pf:custom-domain-fqdn"
    DOMAIN_CERTIFICATE InvalidParameterException "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain. (Service: CloudFront, Status Code: 400, Request ID: {})" "D1, pf:custom-domain-cert-region"
    DOMAIN_NOT_CUSTOM InvalidParameterException "User pool should have a custom domain associated, failed to update the certificate." "D1, cdk#25712"
    NO_DOMAIN InvalidParameterException "No such domain or user pool exists." "D1, amplify-cli e2e"
    LOGIN_VERSION InvalidParameterException "ManagedLoginVersion must be 1 or 2." "own words"
    POOL_PROTECTED InvalidParameterException "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first." "D2, notes of 2026-09"
    POOL_HAS_DOMAIN InvalidParameterException "User pool cannot be deleted. It has a domain configured that should be deleted first." "D2, probed 2026-10"

    // G1: groups, resource servers, identity providers
    GROUP_EXISTS GroupExistsException "A group with the name already exists" "G1, amp-backend#1781"
    NO_GROUP ResourceNotFoundException "Group not found." "G1, amp-cli#2214"
    SERVER_EXISTS InvalidParameterException "{} already exists in user pool {}." "own words: G1 has no text"
    NO_SERVER ResourceNotFoundException "Resource server {} does not exist." "own words: G1 has no text"
    SCOPE_TWICE InvalidParameterException "Duplicate scope name {}." "own words: G1 has no text"
    PROVIDER_EXISTS DuplicateProviderException "{} already exists in user pool {}" "G1, cfn#1287"
    PROVIDER_NAME InvalidParameterException "Provider {} cannot be of type {}." "G1, pf:idp-social-provider-name-fixed"
    SOCIAL_KEYS InvalidParameterException "clientId, clientSecret and authorizeScopes are all required idp details." "G1, pf:idp-social-required-keys"
    OIDC_KEYS InvalidParameterException "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details." "G1, pf:idp-oidc-required-keys"
    APPLE_KEYS InvalidParameterException "clientId, teamId, keyId, privateKey and authorizeScopes are all required idp details." "own words"
    OIDC_ISSUER InvalidParameterException "OIDC endpoint must start with https://" "G1, pf:idp-oidc-issuer-https; not of an issuer on this machine"
    SAML_NONE InvalidParameterException "At least one of the MetadataURL or MetadataFile should be provided." "G1, pf:idp-saml-metadata-required"
    SAML_BOTH InvalidParameterException "Only one of the MetadataURL or MetadataFile should be provided." "G1, pf:idp-saml-metadata-exclusive"
    SAML_READ_ONLY InvalidParameterException "{} is read-only." "own words: the service rejects it when it is sent (service rules C2)"
    BAD_MAPPING InvalidParameterException "AttributeMapping contains invalid mapping: [{}]" "G1, cli#9729"
    UNKNOWN_PROVIDER ResourceNotFoundException "Identity provider {} does not exist." "own words: G1 has no text"
    IDENTIFIER_TAKEN InvalidParameterException "Identifier {} is used by another identity provider." "own words"
    NO_IDENTIFIER ResourceNotFoundException "No identity provider has the identifier {}." "own words"

    // S2: users
    USER_EXISTS UsernameExistsException "User account already exists" "S2, localstack#4465"
    ALIAS_EXISTS UsernameExistsException "An account with the given {} already exists." "S2, note"
    NO_USER UserNotFoundException "User does not exist." "S1, floci-fix 2026"
    USERNAME_EMAIL InvalidParameterException "Username should be an email." "S2, sample-genai-ops-demos#2"
    USERNAME_PHONE InvalidParameterException "Username should be a phone number." "own words"
    USERNAME_EITHER InvalidParameterException "Username should be either an email or a phone number." "own words"
    USERNAME_IS_EMAIL InvalidParameterException "Username cannot be of email format, since user pool is configured for email alias." "S2, awsmobile-cli#178"
    USERNAME_IS_PHONE InvalidParameterException "Username cannot be of phone number format, since user pool is configured for phone number alias." "own words"
    PREFERRED_EARLY InvalidParameterException "Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred username alias." "amp-js#1669, code inferred"
    ATTRIBUTES InvalidParameterException "Attributes did not conform to the schema: {}" "S2, amp-flutter#509"
    NULL_VALUE InvalidParameterException "Attribute value for {} must not be null" "S2, note"
    PHONE_FORM InvalidParameterException "Invalid phone number format" "S2, dict"
    EMAIL_FORM InvalidParameterException "Invalid email address format." "own words"
    PASSWORD InvalidPasswordException "Password did not conform with policy: {}" "S2, test suites"
    FILTER InvalidParameterException "Error while parsing filter." "own words"
    SIGNED_UP UsernameExistsException "User already exists" "S2, floci-fix 2026"
    ALIAS_TAKEN AliasExistsException "An account with the given {} already exists." "S2, documentation"
    NO_SIGN_UP NotAuthorizedException "SignUp is not permitted for this user pool" "S2, inferred"
    NO_USER_OF_CLIENT UserNotFoundException "Username/client id combination not found." "S2, floci-fix 2026"
    UNAUTHORIZED_ATTRIBUTE NotAuthorizedException "A client attempted to write unauthorized attribute" "S2, sdk-js#1319"
    IMMUTABLE InvalidParameterException "{}" "S2, amp-swift#3981: one line per attribute"
    VERIFIED_ALONE InvalidParameterException "{}_verified cannot be true without {}." "own words"
    PASSWORD_TO InvalidPasswordException "Password does not conform to policy: {}" "S2, amp-ui fixture"
    PASSWORD_AGAIN PasswordHistoryPolicyViolationException "The password has been used before." "own words: S2 has no text"
    PASSWORD_MISSING InvalidParameterException "A password is needed: signing up without one is not built into poolform's local Cognito yet (first factors of the pool: {})." "the emulator's own refusal"
    CODE_WRONG CodeMismatchException "Invalid verification code provided, please try again." "S2, floci-fix 2026"
    CODE_EXPIRED ExpiredCodeException "Invalid code provided, please request a code again." "S2, note"
    TOO_MANY_ATTEMPTS LimitExceededException "Attempt limit exceeded, please try after some time." "L1, amp-js#8013"
    ALREADY_CONFIRMED InvalidParameterException "User is already confirmed." "S2, amp-ui fixture"
    NO_CONFIRMATION NotAuthorizedException "User cannot be confirmed. Current status is {}" "S2, inferred"
    NO_RESEND InvalidParameterException "Cannot resend codes. Auto verification not turned on." "own words"
    EXTERNAL_REQUIRED InvalidParameterException "attributes required: [{}]" "own words"
    EXTERNAL_TAKEN InvalidParameterException "The name {} is that of a user who signs in with a password here." "own words"
    EXTERNAL_SUBJECT InvalidParameterException "{} sent nothing that its AttributeMapping takes for username." "own words"
    NO_CONTACT InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number" "S2, sdk-js3#7101"
    RESET_STATE NotAuthorizedException "User password cannot be reset in the current state." "S2, distributed-load-testing#1"
    ADMIN_ONLY NotAuthorizedException "Contact administrator to reset password." "own words"
    DISABLED NotAuthorizedException "User is disabled." "S1, idjs#373"
    NO_MEDIUM InvalidParameterException "{} delivery needs the attribute {}." "own words"
    NO_SMS InvalidParameterException "The user pool has no SMS configuration to send text messages with." "own words"
    LINK_WITHOUT_DOMAIN InvalidParameterException "Confirmation by link (CONFIRM_WITH_LINK) needs a domain of the user pool." "own words"
    TRIGGER_WITHOUT_ADDRESS NotImplementedException "The pool declares the trigger {}, and the local Cognito has no address for it: -trigger {}=http://… says where it is, -trigger {}=off leaves it out." "the emulator's own refusal"
    TRIGGER_FAILED UserLambdaValidationException "{} failed with error {}." "S2, amp-flutter PR#1051"
    VERIFIED_NOTHING InvalidLambdaResponseException "PreSignUp verifies the {} of a user who has none." "own words after the developer guide, pre sign-up trigger"
    MIGRATION_FAILED UserNotFoundException "Exception migrating user in app client {}" "re:Post QU3VgGes1IRne3OVkCDMjrBA, 2020"
    MIGRATION_NAME UserNotFoundException "Exception migrating user in app client {}: Invalid username or missing email / phone_number / preferred_username attributes" "localstack-ext 3.8.1, snapshot of AWS 2024-08"
    TRIGGER_OUTPUT InvalidLambdaResponseException "Unrecognizable lambda output" "S2, idjs#633"
    TRIGGER_UNREACHABLE UnexpectedLambdaException "{} invocation failed due to error {}." "S2, inferred"
    TRIGGER_NOT_BUILT NotImplementedException "The trigger {} is not built into poolform's local Cognito yet: -trigger {}=off leaves it out." "the emulator's own refusal"

    // S1: sign-in
    HASH_MISSING NotAuthorizedException "Client {} is configured with secret but SECRET_HASH was not received" "S1, several notes"
    HASH_WRONG NotAuthorizedException "SecretHash does not match for the client: {}" "S1, sdk-net-ext#75"

    WRONG_PASSWORD NotAuthorizedException "Incorrect username or password." "S1, localstack#3201"
    ATTEMPTS_EXCEEDED NotAuthorizedException "Password attempts exceeded" "S1, idjs#479"
    NOT_CONFIRMED UserNotConfirmedException "User is not confirmed." "S1, sdk-js#4608"
    RESET_REQUIRED PasswordResetRequiredException "Password reset required for the user" "S1, amp-ui fixture"
    TEMPORARY_OVER NotAuthorizedException "Temporary password has expired and must be reset by an administrator." "S1, dict"
    FLOW_OFF InvalidParameterException "{} flow not enabled for this client" "S1, amp-ui fixture"
    ADMIN_FLOW InvalidParameterException "Auth flow not enabled for this client" "[VerifySoftwareToken.2025-07], note"
    SRP_OFF InvalidParameterException "USER_SRP_AUTH is not enabled for the client." "inferred from the sentence of CUSTOM_AUTH"
    CUSTOM_AUTH_OFF InvalidParameterException "CUSTOM_AUTH is not enabled for the client." "S1, dict"
    CUSTOM_AUTH_UNSET InvalidParameterException "Custom auth lambda trigger is not configured for the user pool." "S1, notes"
    FLOW_UNSUPPORTED InvalidParameterException "Initiate Auth method not supported." "S1, doc-sdk-examples#5289"
    FLOW_NOT_BUILT NotImplementedException "The flow {} is not built into poolform's local Cognito yet." "the emulator's own refusal"
    PROTECTION_NOT_BUILT NotImplementedException "Risk scoring (AdvancedSecurityMode ENFORCED) is not built into poolform's local Cognito yet." "the emulator's own refusal"
    NO_PARAMETER InvalidParameterException "Missing required parameter {}" "S1, idjs#270, of Session"
    CHALLENGE_UNKNOWN NotImplementedException "The challenge {} is not built into poolform's local Cognito yet." "the emulator's own refusal"
    SRP_VALUE InvalidParameterException "SRP_A is not a number that can be used." "own words"
    SESSION_MISSING InvalidParameterException "Missing required parameter Session" "S1, idjs#270"
    SESSION_INVALID NotAuthorizedException "Invalid session for the user." "S1, passwordless-email-auth#17"
    SESSION_EXPIRED NotAuthorizedException "Invalid session for the user, session is expired." "S1, dict"
    ATTRIBUTE_MISSING InvalidParameterException "Invalid attributes given, {} is missing" "S2, note"
    REFRESH_INVALID NotAuthorizedException "Invalid Refresh Token." "S1, sdk-cpp#1789"
    REFRESH_REVOKED NotAuthorizedException "Refresh Token has been revoked" "S1, amp-swift#3344"
    REFRESH_EXPIRED NotAuthorizedException "Refresh Token has expired" "S1, inferred"
    REFRESH_ROTATED UnsupportedOperationException "The client rotates refresh tokens: GetTokensFromRefreshToken gives new ones." "own words; the code is recorded, amp-swift docs/design/issues/rollback-behaviours.md, 2026-09"
    REFRESH_REUSED RefreshTokenReuseException "The refresh token has been rotated out." "own words: S1 has no text"
    CLIENT_SECRET_WRONG NotAuthorizedException "The secret of client {} is missing or wrong." "own words"
    UNAUTHORIZED_CLIENT UnauthorizedException "The token is not one of this client, or the client's secret is missing or wrong." "own words"
    REVOCATION_OFF UnsupportedOperationException "Token revocation is not enabled for this client." "own words"
    TOKEN_NOT_REFRESH UnsupportedTokenTypeException "Only refresh tokens can be revoked." "own words"
    TOKEN_REVOKED NotAuthorizedException "Access Token has been revoked" "S1, amp-js#2205"
    TOKEN_EXPIRED NotAuthorizedException "Access Token has expired" "S1, inferred"
    TOKEN_INVALID NotAuthorizedException "Invalid Access Token" "S1, inferred"
    SCOPE_MISSING NotAuthorizedException "Access Token does not have required scopes" "own words"
    TOKEN_OR_SESSION InvalidParameterException "AccessToken or Session is needed." "own words"
    NOT_VERIFIABLE InvalidParameterException "Invalid attribute name. Only phone_number and email can be verified." "floci commit 24cdabb, 2026-08"
    NOTHING_TO_VERIFY InvalidParameterException "User does not have a valid registered {}" "floci commit 24cdabb, 2026-08"
    MFA_CODE_WRONG CodeMismatchException "Invalid code or auth state for the user." "S1, amp-ui fixture"
    TOTP_WRONG CodeMismatchException "Invalid code received for user" "S1, dict"
    TOTP_TWICE ExpiredCodeException "Your software token has already been used once." "S1, moto, verified live"
    TOTP_NOT_ENABLED EnableSoftwareTokenMFAException "Code mismatch and fail enable Software Token MFA" "S1, note"
    TOTP_NOT_VERIFIED InvalidParameterException "No software token was associated with the user." "own words"
    TOTP_OFF SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool" "S1, guide23"
    FACTOR_UNKNOWN InvalidParameterException "{} is not one of the factors to choose from." "own words"
    FACTOR_OFF InvalidParameterException "The user pool does not offer {}." "own words"
    FACTOR_NOT_SET_UP InvalidParameterException "User has not set up {}" "S1, note"
    FACTOR_NO_DELIVERY InvalidParameterException "User does not have delivery config set to turn on {}" "S1, sdk-js3#4645"
    FACTOR_NOT_BUILT NotImplementedException "{} is not built into poolform's local Cognito yet." "the emulator's own refusal"
    PREFERRED_TWICE InvalidParameterException "Only one factor can be preferred." "own words"
    PREFERRED_DISABLED InvalidParameterException "A factor that is not enabled cannot be preferred." "own words"
    DEVICE_UNKNOWN ResourceNotFoundException "Device does not exist." "own words"
    DEVICE_INVALID InvalidParameterException "The device key or its verifier is not one that this sign-in can confirm." "own words"
    DEVICE_EXISTS DeviceKeyExistsException "The device is confirmed already." "own words"
    NO_TRACKING InvalidUserPoolConfigurationException "The user pool does not track devices." "own words"

    USER_STATE UnsupportedUserStateException "Resend not possible. {} status is not FORCE_CHANGE_PASSWORD" "own words"

    // Looks, terms, threat protection, logs: newer.md 4, 5 and 9
    NO_DOMAIN_FOR_PAGES InvalidParameterException "There has to be an existing domain associated with this user pool." "D1, pf:ui-customization-requires-domain"
    CSS_CLASS InvalidParameterException "The CSS class {} is not in the list of allowed classes." "pf:ui-customization-css-properties"
    CSS_FORM InvalidParameterException "The CSS cannot be read." "own words"
    PICTURE_KIND InvalidParameterException "The image is neither a PNG nor a JPEG." "own words after the developer guide"
    BRANDING_SOURCE InvalidParameterException "useCognitoProvidedValues or settings should be specified (but not both)" "CreateManagedLoginBranding.2025-07"
    BRANDING_EXISTS ManagedLoginBrandingExistsException "A ManagedLoginBranding already exists for client {}" "floci, measured 2026-09"
    NO_BRANDING ResourceNotFoundException "ManagedLoginBranding does not exist." "floci, measured 2026-09"
    NO_BRANDING_OF_CLIENT ResourceNotFoundException "ManagedLoginBranding for client {} does not exist." "floci, measured 2026-09"
    ASSETS InvalidParameterException "Invalid assets provided. Validation errors: [{}]" "pf:managed-login-branding-asset-extension; the errors themselves in own words"
    TERMS_EXIST TermsExistsException "Terms of this name exist for the client." "own words"
    NO_TERMS ResourceNotFoundException "Terms do not exist." "own words"
    TERMS_DEFAULT InvalidParameterException "Links must have cognito:default, the language for all others." "own words after the developer guide"
    NO_ADD_ON UserPoolAddOnNotEnabledException "Threat protection is not enabled for the user pool." "own words"
    CIDR InvalidParameterException "Incorrect CIDR format" "pf:risk-ip-range-cidr"
    NOTIFY_REGION InvalidParameterException "Invalid NotifyConfiguration.SourceArn. Provided SourceArn must be in one of the following SES regions: {}." "pf:risk-notify-source-arn-region"
    LOG_REQUEST InvalidParameterException "Request validation Failed. {}" "floci, measured 2026-09"
    LOG_GROUP InvalidParameterException "Request validation Failed. [{}]" "pf:log-delivery-log-group-region"
    LOG_COMBINATION InvalidParameterException "{} cannot be logged at {} to this destination." "own words after the API reference"

    // Tags
    TAGS_ARN InvalidParameterException "Invalid resource ARN: {}" "own words"
    TAGS_RESERVED InvalidParameterException "Tag keys must not begin with aws:" "own words"
}

/// A fault of the store, as the service reports faults of its own: status 500.
pub(crate) fn fault(reason: impl std::fmt::Display) -> Refusal {
    Refusal { status: 500, ..FAULT.with(&[&reason.to_string()]) }
}

/// Whether a refusal is a fault of the store, and no answer about what was asked.
pub(crate) fn is_fault(refusal: &Refusal) -> bool {
    refusal.status == 500
}

/// An answer whose refusals are told in other words; its faults stay faults.
pub(crate) fn otherwise<T>(answer: Result<T, Refusal>, words: &Words) -> Result<T, Refusal> {
    answer.map_err(|refusal| if is_fault(&refusal) { refusal } else { words.with(&[]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_of_the_model_or_of_the_front_end() {
        const FRONT_END: &[&str] = &["SerializationException", "NotImplementedException"];
        for (name, words) in ALL {
            assert!(
                poolform_model::shape(words.code).is_some() || FRONT_END.contains(&words.code),
                "{name}: {}",
                words.code
            );
        }
    }

    #[test]
    fn what_the_service_does_not_refuse_names_the_page() {
        for (name, words) in ALL {
            let own = words.evidence.starts_with(OWN);
            let says = words.text.contains("not built") || words.code == "NotImplementedException";
            assert!(own || !says, "{name} is no refusal of the service: {OWN}");
            assert_eq!(words.with(&[]).message.ends_with("See docs/reference/local.md."), own, "{name}");
        }
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../", "docs/reference/local.md");
        assert!(std::path::Path::new(page).exists());
    }

    #[test]
    fn holes_are_filled_from_left_to_right() {
        assert_eq!(NO_PROVIDER.with(&["a", "b"]).message, "The provider a does not exist for User Pool b.");
        assert_eq!(
            NO_USERNAME.with(&[]).message,
            "The invitation message must contain {username}.",
            "braces with a name are no hole"
        );
    }
}
