# The arguments of the module. Made by `UPDATE=1 cargo test -p poolform-provider --test pages` from the rows in `crates/core/src/kinds`.

variable "module_enabled" {
  description = "Whether anything ought to exist. False removes what is there."
  type        = bool
  default     = true
}

variable "module_tags" {
  description = "Tags beneath tags."
  type        = map(string)
  default     = {}
}

variable "module_depends_on" {
  description = "Anything that must be there first; its value does not matter."
  type        = any
  default     = []
}

variable "name" {
  description = "Name of the pool, 1 to 128 characters. Renamed in place."
  type        = string
}

variable "advanced_security_mode" {
  description = "Threat protection: OFF, AUDIT or ENFORCED. The last two need the tier PLUS, which is billed."
  type        = string
  default     = "OFF"
}

variable "alias_attributes" {
  description = "What users may sign in with besides their name; email and preferred_username unless username_attributes is given."
  type        = set(string)
  default     = null
}

variable "username_attributes" {
  description = "What users sign up with instead of a name: email, phone_number. Not together with alias_attributes."
  type        = set(string)
  default     = null
}

variable "allow_admin_create_user_only" {
  description = "Whether only administrators create users."
  type        = bool
  default     = true
}

variable "invite_email_subject" {
  description = "Subject of the invitation, 140 characters at most."
  type        = string
  default     = "Your new account."
}

variable "invite_email_message" {
  description = "Text of the invitation, with {username} and {####}."
  type        = string
  default     = "Your username is {username} and your temporary password is '{####}'."
}

variable "invite_sms_message" {
  description = "Invitation by SMS, with {username} and {####}, 140 characters at most."
  type        = string
  default     = "Your username is {username} and your temporary password is '{####}'."
}

variable "auto_verified_attributes" {
  description = "What Cognito verifies by itself: email, phone_number; the latter needs sms_configuration."
  type        = set(string)
  default     = ["email"]
}

variable "account_recovery_mechanisms" {
  description = "How a forgotten password is recovered, by priority; an empty list leaves it to Cognito."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.account_recovery_mechanisms[*] : each == null || can(keys(each))])
    error_message = "Each element of account_recovery_mechanisms must be an object."
  }

  validation {
    condition     = alltrue([for each in var.account_recovery_mechanisms[*] : length(setsubtract(keys(each), ["name", "priority"])) == 0 if each != null])
    error_message = "Unknown attribute in account_recovery_mechanisms. Known are name, priority."
  }
}

variable "challenge_required_on_new_device" {
  description = "Whether a new device takes a challenge; only while devices are tracked."
  type        = bool
  default     = true
}

variable "user_device_tracking" {
  description = "Which devices are remembered: OFF, ALWAYS, or USER_OPT_IN where the user agrees. Letter case does not matter."
  type        = string
  default     = "USER_OPT_IN"

  validation {
    condition     = contains(["OFF", "ALWAYS", "USER_OPT_IN"], upper(coalesce(var.user_device_tracking, "OFF")))
    error_message = "The argument \"user_device_tracking\" must be one of OFF, ALWAYS, USER_OPT_IN, in any letter case."
  }
}

variable "enable_username_case_sensitivity" {
  description = "Whether Ann and ann are two users."
  type        = bool
  default     = false
}

variable "email_sending_account" {
  description = "Who sends mail: COGNITO_DEFAULT (50 a day) or DEVELOPER, your own SES identity."
  type        = string
  default     = "COGNITO_DEFAULT"
}

variable "email_reply_to_address" {
  description = "Where answers go."
  type        = string
  default     = null
}

variable "email_source_arn" {
  description = "SES identity that sends; DEVELOPER needs it."
  type        = string
  default     = null
}

variable "email_from_address" {
  description = "Sender as readers see it."
  type        = string
  default     = null
}

variable "mfa_configuration" {
  description = "Multi-factor authentication: OFF, OPTIONAL or ON for all. Not OFF needs a factor."
  type        = string
  default     = "OPTIONAL"
}

variable "password_minimum_length" {
  description = "Least length of a password, 6 to 99."
  type        = number
  default     = 20
}

variable "password_require_lowercase" {
  description = "Whether a password needs a lower-case letter."
  type        = bool
  default     = true
}

variable "password_require_numbers" {
  description = "Whether a password needs a digit."
  type        = bool
  default     = true
}

variable "password_require_symbols" {
  description = "Whether a password needs a symbol."
  type        = bool
  default     = true
}

variable "password_require_uppercase" {
  description = "Whether a password needs an upper-case letter."
  type        = bool
  default     = true
}

variable "temporary_password_validity_days" {
  description = "Days that an invitation's password lives, 1 to 365."
  type        = number
  default     = 1
}

variable "allow_software_mfa_token" {
  description = "Whether authenticator apps are a factor, while mfa_configuration is not OFF."
  type        = bool
  default     = true
}

variable "sms_authentication_message" {
  description = "SMS of a sign-in code, with {####}."
  type        = string
  default     = "Your temporary password is {####}."
}

variable "lambda_create_auth_challenge" {
  description = "Trigger: makes a custom challenge."
  type        = string
  default     = null
}

variable "lambda_custom_message" {
  description = "Trigger: words messages."
  type        = string
  default     = null
}

variable "lambda_define_auth_challenge" {
  description = "Trigger: decides which challenge is next."
  type        = string
  default     = null
}

variable "lambda_post_authentication" {
  description = "Trigger: after a sign-in."
  type        = string
  default     = null
}

variable "lambda_post_confirmation" {
  description = "Trigger: after a confirmation."
  type        = string
  default     = null
}

variable "lambda_pre_authentication" {
  description = "Trigger: before a sign-in."
  type        = string
  default     = null
}

variable "lambda_pre_sign_up" {
  description = "Trigger: before a sign-up."
  type        = string
  default     = null
}

variable "lambda_pre_token_generation" {
  description = "Trigger: before tokens are made."
  type        = string
  default     = null
}

variable "lambda_user_migration" {
  description = "Trigger: an unknown user signs in."
  type        = string
  default     = null
}

variable "lambda_verify_auth_challenge_response" {
  description = "Trigger: judges the answer to a custom challenge."
  type        = string
  default     = null
}

variable "schema_attributes" {
  description = "Attributes of users, 50 at most. New ones are added in place; what is there cannot change."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.schema_attributes[*] : each == null || can(keys(each))])
    error_message = "Each element of schema_attributes must be an object."
  }

  validation {
    condition     = alltrue([for each in var.schema_attributes[*] : length(setsubtract(keys(each), ["name", "type", "required", "mutable", "developer_only_attribute", "min_length", "max_length", "min_value", "max_value"])) == 0 if each != null])
    error_message = "Unknown attribute in schema_attributes. Known are name, type, required, mutable, developer_only_attribute, min_length, max_length, min_value, max_value."
  }
}

variable "sms_configuration" {
  description = "How Cognito sends SMS; SMS is then a factor too. Cognito cannot remove it again."
  type        = any
  default     = null

  validation {
    condition     = var.sms_configuration == null ? true : can(keys(var.sms_configuration)) ? length(setsubtract(keys(var.sms_configuration), ["external_id", "sns_caller_arn", "sns_region"])) == 0 : false
    error_message = "The argument sms_configuration must be an object with no other attributes than external_id, sns_caller_arn, sns_region."
  }
}

variable "default_email_option" {
  description = "How an address is verified: CONFIRM_WITH_CODE or CONFIRM_WITH_LINK."
  type        = string
  default     = "CONFIRM_WITH_CODE"
}

variable "email_message" {
  description = "Mail with a code, with {####}."
  type        = string
  default     = "Your verification code is {####}."
}

variable "email_message_by_link" {
  description = "Mail with a link, with {##text##}."
  type        = string
  default     = "Please click the link below to verify your email address. {##Verify Email##}."
}

variable "email_subject" {
  description = "Subject of the mail with a code, 140 characters at most."
  type        = string
  default     = "Your Verification Code"
}

variable "email_subject_by_link" {
  description = "Subject of the mail with a link, 140 characters at most."
  type        = string
  default     = "Your Verification Link"
}

variable "sms_message" {
  description = "SMS of a verification code, with {####}."
  type        = string
  default     = "Your verification code is {####}."
}

variable "tags" {
  description = "Tags of the pool; they win over module_tags and the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "user_pool_tier" {
  description = "Feature plan: LITE, ESSENTIALS or PLUS. Null leaves it to Cognito, but a new pool with threat protection gets PLUS."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether Cognito refuses to delete the pool. Null protects a new pool and leaves an existing one as it is."
  type        = bool
  default     = null
}

variable "email_configuration_set" {
  description = "Configuration set of SES that mails are sent with."
  type        = string
  default     = null
}

variable "email_mfa_configuration" {
  description = "Codes by mail as a second factor; needs an SES identity."
  type        = any
  default     = null

  validation {
    condition     = var.email_mfa_configuration == null ? true : can(keys(var.email_mfa_configuration)) ? length(setsubtract(keys(var.email_mfa_configuration), ["message", "subject"])) == 0 : false
    error_message = "The argument email_mfa_configuration must be an object with no other attributes than message, subject."
  }
}

variable "lambda_kms_key_id" {
  description = "Key that codes for custom senders are encrypted with."
  type        = string
  default     = null
}

variable "lambda_custom_email_sender" {
  description = "Trigger: sends mails in Cognito's place; needs kms_key_id."
  type        = object({ lambda_arn = string, lambda_version = string })
  default     = null
}

variable "lambda_custom_sms_sender" {
  description = "Trigger: sends SMS in Cognito's place; needs kms_key_id."
  type        = object({ lambda_arn = string, lambda_version = string })
  default     = null
}

variable "lambda_pre_token_generation_config" {
  description = "Trigger: before tokens are made, with the version of its event."
  type        = object({ lambda_arn = string, lambda_version = string })
  default     = null
}

variable "password_history_size" {
  description = "How many passwords before must not be used again, 0 to 24; needs the tier ESSENTIALS."
  type        = number
  default     = null
}

variable "allowed_first_auth_factors" {
  description = "What a choice-based sign-in may begin with: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN."
  type        = set(string)
  default     = null
}

variable "attributes_require_verification_before_update" {
  description = "Attributes whose new value counts once it is verified: email, phone_number."
  type        = set(string)
  default     = null
}

variable "advanced_security_custom_auth_mode" {
  description = "Threat protection of custom authentication: AUDIT or ENFORCED; needs the tier PLUS."
  type        = string
  default     = null
}

variable "web_authn_configuration" {
  description = "Passkeys: whose they are, and how users are verified."
  type        = any
  default     = null

  validation {
    condition     = var.web_authn_configuration == null ? true : can(keys(var.web_authn_configuration)) ? length(setsubtract(keys(var.web_authn_configuration), ["relying_party_id", "user_verification", "factor_configuration"])) == 0 : false
    error_message = "The argument web_authn_configuration must be an object with no other attributes than relying_party_id, user_verification, factor_configuration."
  }
}

variable "lambda_inbound_federation" {
  description = "Trigger: users come from a provider."
  type        = object({ lambda_arn = string, lambda_version = string })
  default     = null
}

variable "key_configuration" {
  description = "The key that what the pool keeps is encrypted with."
  type        = any
  default     = null

  validation {
    condition     = var.key_configuration == null ? true : can(keys(var.key_configuration)) ? length(setsubtract(keys(var.key_configuration), ["key_type", "kms_key_arn"])) == 0 : false
    error_message = "The argument key_configuration must be an object with no other attributes than key_type, kms_key_arn."
  }
}

variable "issuer_configuration" {
  description = "The issuer of tokens."
  type        = any
  default     = null

  validation {
    condition     = var.issuer_configuration == null ? true : can(keys(var.issuer_configuration)) ? length(setsubtract(keys(var.issuer_configuration), ["type"])) == 0 : false
    error_message = "The argument issuer_configuration must be an object with no other attributes than type."
  }
}

variable "dcr_configuration" {
  description = "Clients that register themselves, at /oauth2/register of the domain."
  type        = any
  default     = null

  validation {
    condition     = var.dcr_configuration == null ? true : can(keys(var.dcr_configuration)) ? length(setsubtract(keys(var.dcr_configuration), ["enable_status", "open_dcr_enabled", "authenticated_grant_types", "open_dcr_grant_types", "allowed_scopes"])) == 0 : false
    error_message = "The argument dcr_configuration must be an object with no other attributes than enable_status, open_dcr_enabled, authenticated_grant_types, open_dcr_grant_types, allowed_scopes."
  }
}

variable "acr_configuration" {
  description = "What tokens say of how a user signed in, by level."
  type        = any
  default     = null

  validation {
    condition     = var.acr_configuration == null ? true : can(keys(var.acr_configuration)) ? length(setsubtract(keys(var.acr_configuration), ["level_1", "level_2", "level_3", "level_4"])) == 0 : false
    error_message = "The argument acr_configuration must be an object with no other attributes than level_1, level_2, level_3, level_4."
  }
}

variable "domain" {
  description = "Prefix of the sign-in pages' host name, or a full name together with certificate_arn."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "Issued ACM certificate in us-east-1 for a full domain name; means nothing without domain."
  type        = string
  default     = null
}

variable "managed_login_version" {
  description = "Which sign-in pages: 1 is the classic hosted UI, 2 managed login."
  type        = number
  default     = null
}

variable "domain_security_policy" {
  description = "Least TLS of a custom domain: TLS_V1, TLS_V1_2_2021 or TLS_V1_3_2025."
  type        = string
  default     = null
}

variable "domain_routing" {
  description = "Where a domain of a replicated pool goes when its region fails."
  type        = object({ secondary_region = string, primary_route53_health_check_id = string })
  default     = null
}

variable "clients" {
  description = "App clients."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.clients[*] : each == null || can(keys(each))])
    error_message = "Each element of clients must be an object."
  }

  validation {
    condition     = alltrue([for each in var.clients[*] : length(setsubtract(keys(each), ["name", "user_pool_id", "access_token_validity", "allowed_oauth_flows_user_pool_client", "allowed_oauth_flows", "allowed_oauth_scopes", "analytics_configuration", "callback_urls", "default_redirect_uri", "enable_token_revocation", "explicit_auth_flows", "generate_secret", "id_token_validity", "logout_urls", "prevent_user_existence_errors", "read_attributes", "refresh_token_validity", "supported_identity_providers", "token_validity_units", "write_attributes", "auth_session_validity", "enable_propagate_additional_user_context_data", "refresh_token_rotation"])) == 0 if each != null])
    error_message = "Unknown attribute in clients. Known are name, user_pool_id, access_token_validity, allowed_oauth_flows_user_pool_client, allowed_oauth_flows, allowed_oauth_scopes, analytics_configuration, callback_urls, default_redirect_uri, enable_token_revocation, explicit_auth_flows, generate_secret, id_token_validity, logout_urls, prevent_user_existence_errors, read_attributes, refresh_token_validity, supported_identity_providers, token_validity_units, write_attributes, auth_session_validity, enable_propagate_additional_user_context_data, refresh_token_rotation."
  }

  validation {
    condition     = length([for index, each in var.clients[*] : "clients[${index}].name" if try(each.name, null) == null]) == 0
    error_message = "Each element of clients needs name."
  }

  validation {
    condition     = length([for key, alike in { for each in var.clients[*] : replace(lower(each.name), "/[^a-z0-9]/", "-") => true... if try(each.name, null) != null } : key if length(alike) > 1]) == 0
    error_message = "Two elements of clients are called alike. Rename or remove one of them. Names are taken in lower case, with a hyphen for all but letters and digits."
  }

  validation {
    condition     = alltrue([for each in var.clients[*] : try(each.analytics_configuration, null) == null ? true : can(keys(each.analytics_configuration)) ? length(setsubtract(keys(each.analytics_configuration), ["application_arn", "application_id", "external_id", "role_arn", "user_data_shared"])) == 0 : false])
    error_message = "The argument analytics_configuration in clients must be an object with no other attributes than application_arn, application_id, external_id, role_arn, user_data_shared."
  }

  validation {
    condition     = alltrue([for each in var.clients[*] : try(each.token_validity_units, null) == null ? true : can(keys(each.token_validity_units)) ? length(setsubtract(keys(each.token_validity_units), ["access_token", "id_token", "refresh_token"])) == 0 : false])
    error_message = "The argument token_validity_units in clients must be an object with no other attributes than access_token, id_token, refresh_token."
  }

  validation {
    condition     = alltrue([for each in var.clients[*] : try(each.refresh_token_rotation, null) == null ? true : can(keys(each.refresh_token_rotation)) ? length(setsubtract(keys(each.refresh_token_rotation), ["feature", "retry_grace_period_seconds"])) == 0 : false])
    error_message = "The argument refresh_token_rotation in clients must be an object with no other attributes than feature, retry_grace_period_seconds."
  }
}

variable "resource_servers" {
  description = "Resource servers and their scopes."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.resource_servers[*] : each == null || can(keys(each))])
    error_message = "Each element of resource_servers must be an object."
  }

  validation {
    condition     = alltrue([for each in var.resource_servers[*] : length(setsubtract(keys(each), ["identifier", "name", "scopes", "scope"])) == 0 if each != null])
    error_message = "Unknown attribute in resource_servers. Known are identifier, name, scopes, scope."
  }

  validation {
    condition     = length([for index, each in var.resource_servers[*] : "resource_servers[${index}].identifier" if try(each.identifier, null) == null]) == 0
    error_message = "Each element of resource_servers needs identifier."
  }

  validation {
    condition     = length([for key, alike in { for each in var.resource_servers[*] : each.identifier => true... if try(each.identifier, null) != null } : key if length(alike) > 1]) == 0
    error_message = "Two elements of resource_servers are called alike. Rename or remove one of them."
  }

  validation {
    condition     = alltrue([for each in var.resource_servers[*] : !can(each.scopes) || !can(each.scope)])
    error_message = "\"scopes\" and \"scope\" are two names of one attribute of resource_servers. Give one of them."
  }

  validation {
    condition     = alltrue([for each in var.resource_servers[*] : alltrue([for one in try(each.scopes, each.scope, null)[*] : can(keys(one)) ? length(setsubtract(keys(one), ["scope_name", "scope_description"])) == 0 : false])])
    error_message = "Each of scopes in resource_servers must be an object with no other attributes than scope_name, scope_description."
  }
}

variable "user_groups" {
  description = "Groups of users; order does not matter."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.user_groups[*] : each == null || can(keys(each))])
    error_message = "Each element of user_groups must be an object."
  }

  validation {
    condition     = alltrue([for each in var.user_groups[*] : length(setsubtract(keys(each), ["name", "description", "precedence", "role_arn"])) == 0 if each != null])
    error_message = "Unknown attribute in user_groups. Known are name, description, precedence, role_arn."
  }

  validation {
    condition     = length([for index, each in var.user_groups[*] : "user_groups[${index}].name" if try(each.name, null) == null]) == 0
    error_message = "Each element of user_groups needs name."
  }

  validation {
    condition     = length([for key, alike in { for each in var.user_groups[*] : lower(each.name) => true... if try(each.name, null) != null } : key if length(alike) > 1]) == 0
    error_message = "Two elements of user_groups are called alike. Rename or remove one of them. Letter case makes no difference to Cognito."
  }
}

variable "identity_providers" {
  description = "Identity providers to sign in with."
  type        = any
  default     = []

  validation {
    condition     = alltrue([for each in var.identity_providers[*] : each == null || can(keys(each))])
    error_message = "Each element of identity_providers must be an object."
  }

  validation {
    condition     = alltrue([for each in var.identity_providers[*] : length(setsubtract(keys(each), ["provider_name", "provider_type", "provider_details", "attribute_mapping", "idp_identifiers", "acr_mapping"])) == 0 if each != null])
    error_message = "Unknown attribute in identity_providers. Known are provider_name, provider_type, provider_details, attribute_mapping, idp_identifiers, acr_mapping."
  }

  validation {
    condition     = length([for index, each in var.identity_providers[*] : "identity_providers[${index}].provider_name" if try(each.provider_name, null) == null]) == 0
    error_message = "Each element of identity_providers needs provider_name."
  }

  validation {
    condition     = length([for key, alike in { for each in var.identity_providers[*] : each.provider_name => true... if try(each.provider_name, null) != null } : key if length(alike) > 1]) == 0
    error_message = "Two elements of identity_providers are called alike. Rename or remove one of them."
  }
}

variable "default_client_access_token_validity" {
  description = "Default of access_token_validity for all clients."
  type        = number
  default     = null
}

variable "default_client_allowed_oauth_flows_user_pool_client" {
  description = "Default of allowed_oauth_flows_user_pool_client for all clients."
  type        = bool
  default     = null
}

variable "default_client_allowed_oauth_flows" {
  description = "Default of allowed_oauth_flows for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_allowed_oauth_scopes" {
  description = "Default of allowed_oauth_scopes for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_callback_urls" {
  description = "Default of callback_urls for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_default_redirect_uri" {
  description = "Default of default_redirect_uri for all clients."
  type        = string
  default     = null
}

variable "default_client_enable_token_revocation" {
  description = "Default of enable_token_revocation for all clients."
  type        = bool
  default     = null
}

variable "default_client_explicit_auth_flows" {
  description = "Default of explicit_auth_flows for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_generate_secret" {
  description = "Default of generate_secret for all clients."
  type        = bool
  default     = null
}

variable "default_client_id_token_validity" {
  description = "Default of id_token_validity for all clients."
  type        = number
  default     = null
}

variable "default_client_logout_urls" {
  description = "Default of logout_urls for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_prevent_user_existence_errors" {
  description = "Default of prevent_user_existence_errors for all clients."
  type        = string
  default     = null
}

variable "default_client_read_attributes" {
  description = "Default of read_attributes for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_refresh_token_validity" {
  description = "Default of refresh_token_validity for all clients."
  type        = number
  default     = 30
}

variable "default_client_supported_identity_providers" {
  description = "Default of supported_identity_providers for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_token_validity_units" {
  description = "Default of token_validity_units for all clients."
  type        = any
  default     = null

  validation {
    condition     = var.default_client_token_validity_units == null ? true : can(keys(var.default_client_token_validity_units)) ? length(setsubtract(keys(var.default_client_token_validity_units), ["access_token", "id_token", "refresh_token"])) == 0 : false
    error_message = "The argument default_client_token_validity_units must be an object with no other attributes than access_token, id_token, refresh_token."
  }
}

variable "default_client_write_attributes" {
  description = "Default of write_attributes for all clients."
  type        = list(string)
  default     = null
}

variable "default_client_auth_session_validity" {
  description = "Default of auth_session_validity for all clients."
  type        = number
  default     = null
}

variable "default_client_enable_propagate_additional_user_context_data" {
  description = "Default of enable_propagate_additional_user_context_data for all clients."
  type        = bool
  default     = null
}

variable "default_client_refresh_token_rotation" {
  description = "Default of refresh_token_rotation for all clients."
  type        = any
  default     = null

  validation {
    condition     = var.default_client_refresh_token_rotation == null ? true : can(keys(var.default_client_refresh_token_rotation)) ? length(setsubtract(keys(var.default_client_refresh_token_rotation), ["feature", "retry_grace_period_seconds"])) == 0 : false
    error_message = "The argument default_client_refresh_token_rotation must be an object with no other attributes than feature, retry_grace_period_seconds."
  }
}

variable "allow_delete" {
  description = "Whether the pool may be deleted although it has users. Counts once it is applied."
  type        = bool
  default     = false
}

variable "allow_replace" {
  description = "Whether a change that is not possible in place may replace the pool, and lose its users and ids."
  type        = bool
  default     = false
}

variable "allow_replace_clients" {
  description = "Registered names of clients that a change which is not possible in place may replace, so that they get other ids."
  type        = set(string)
  default     = []
}

variable "store_client_secrets" {
  description = "Whether the secrets of clients are kept in the state. Without, client_secrets has none of them; the ephemeral resource poolform_user_pool_client_secret gives them."
  type        = bool
  default     = true
}
