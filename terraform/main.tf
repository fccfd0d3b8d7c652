# Each argument where it stands in its resource. Made by `UPDATE=1 cargo test -p poolform-provider --test pages` from the rows in `crates/core/src/kinds`.

locals {
  # By the names that they are registered under.
  clients            = { for each in var.clients[*] : replace(lower(each.name), "/[^a-z0-9]/", "-") => each if var.module_enabled }
  resource_servers   = { for each in var.resource_servers[*] : each.identifier => each if var.module_enabled }
  user_groups        = { for each in var.user_groups[*] : each.name => each if var.module_enabled }
  identity_providers = { for each in var.identity_providers[*] : each.provider_name => each if var.module_enabled }

  # What settings of the pool lack.
  missing = concat(
    flatten([
      for index, each in var.account_recovery_mechanisms[*] : [
        for name, value in { name = try(each.name, null), priority = try(each.priority, null) } :
        "account_recovery_mechanisms[${index}].${name}" if value == null
      ]
    ]),
    flatten([
      for index, each in var.schema_attributes[*] : [
        for name, value in { name = try(each.name, null), type = try(each.type, null) } :
        "schema_attributes[${index}].${name}" if value == null
      ]
    ]),
  )

  has_domain        = var.domain != null
  has_custom_domain = var.domain != null && length(split(".", coalesce(var.domain, "x"))) > 1
  has_factors       = contains(["ON", "OPTIONAL"], coalesce(var.mfa_configuration, "OFF"))
  tracking          = upper(coalesce(var.user_device_tracking, "OFF"))

  lambda_config = {
    create_auth_challenge          = var.lambda_create_auth_challenge
    custom_message                 = var.lambda_custom_message
    define_auth_challenge          = var.lambda_define_auth_challenge
    post_authentication            = var.lambda_post_authentication
    post_confirmation              = var.lambda_post_confirmation
    pre_authentication             = var.lambda_pre_authentication
    pre_sign_up                    = var.lambda_pre_sign_up
    pre_token_generation           = var.lambda_pre_token_generation
    user_migration                 = var.lambda_user_migration
    verify_auth_challenge_response = var.lambda_verify_auth_challenge_response
    kms_key_id                     = var.lambda_kms_key_id
    custom_email_sender            = var.lambda_custom_email_sender == null ? null : [var.lambda_custom_email_sender]
    custom_sms_sender              = var.lambda_custom_sms_sender == null ? null : [var.lambda_custom_sms_sender]
    pre_token_generation_config    = var.lambda_pre_token_generation_config == null ? null : [var.lambda_pre_token_generation_config]
    inbound_federation             = var.lambda_inbound_federation == null ? null : [var.lambda_inbound_federation]
  }
}

resource "poolform_user_pool" "user_pool" {
  count = var.module_enabled ? 1 : 0

  name                       = var.name
  alias_attributes           = var.alias_attributes == null && var.username_attributes == null ? toset(["email", "preferred_username"]) : var.alias_attributes
  username_attributes        = var.username_attributes
  auto_verified_attributes   = var.auto_verified_attributes
  mfa_configuration          = var.mfa_configuration
  sms_authentication_message = var.sms_authentication_message
  sms_configuration          = var.sms_configuration == null ? null : [var.sms_configuration]
  tags                       = merge(var.module_tags, var.tags)
  user_pool_tier             = var.user_pool_tier
  deletion_protection        = var.deletion_protection == null ? null : (var.deletion_protection ? "ACTIVE" : "INACTIVE")
  email_mfa_configuration    = var.email_mfa_configuration == null ? null : [var.email_mfa_configuration]
  web_authn_configuration    = var.web_authn_configuration == null ? null : [var.web_authn_configuration]
  key_configuration          = var.key_configuration == null ? null : [var.key_configuration]
  issuer_configuration       = var.issuer_configuration == null ? null : [var.issuer_configuration]
  dcr_configuration          = var.dcr_configuration == null ? null : [var.dcr_configuration]
  acr_configuration          = var.acr_configuration == null ? null : [var.acr_configuration]
  lambda_config              = alltrue([for given in local.lambda_config : given == null]) ? null : [local.lambda_config]
  allow_delete               = var.allow_delete
  allow_replace              = var.allow_replace

  user_pool_add_ons = [{
    advanced_security_mode             = var.advanced_security_mode
    advanced_security_additional_flows = var.advanced_security_custom_auth_mode == null ? null : [{ custom_auth_mode = var.advanced_security_custom_auth_mode }]
  }]

  admin_create_user_config = [{
    allow_admin_create_user_only = var.allow_admin_create_user_only
    invite_message_template = [{
      email_subject = var.invite_email_subject
      email_message = var.invite_email_message
      sms_message   = var.invite_sms_message
    }]
  }]

  account_recovery_setting = length(var.account_recovery_mechanisms[*]) == 0 ? null : [{
    recovery_mechanism = [
      for each in var.account_recovery_mechanisms[*] : {
        name     = try(each.name, null)
        priority = try(each.priority, null)
      }
    ]
  }]

  device_configuration = local.tracking == "OFF" ? null : [{
    challenge_required_on_new_device      = var.challenge_required_on_new_device
    device_only_remembered_on_user_prompt = local.tracking == "USER_OPT_IN"
  }]

  username_configuration = [{ case_sensitive = var.enable_username_case_sensitivity }]

  email_configuration = [{
    email_sending_account  = var.email_sending_account
    reply_to_email_address = var.email_reply_to_address
    source_arn             = var.email_source_arn
    from_email_address     = var.email_from_address
    configuration_set      = var.email_configuration_set
  }]

  password_policy = [{
    minimum_length                   = var.password_minimum_length
    require_lowercase                = var.password_require_lowercase
    require_numbers                  = var.password_require_numbers
    require_symbols                  = var.password_require_symbols
    require_uppercase                = var.password_require_uppercase
    temporary_password_validity_days = var.temporary_password_validity_days
    password_history_size            = var.password_history_size
  }]

  software_token_mfa_configuration = !local.has_factors || var.allow_software_mfa_token == null ? null : [{ enabled = var.allow_software_mfa_token }]

  schema = length(var.schema_attributes[*]) == 0 ? null : [
    for each in var.schema_attributes[*] : {
      name                     = try(each.name, null)
      attribute_data_type      = try(each.type, null)
      required                 = try(each.required, false)
      mutable                  = try(each.mutable, true)
      developer_only_attribute = try(each.developer_only_attribute, false)
      string_attribute_constraints = try(each.type, null) != "String" ? null : [{
        min_length = try(each.min_length, 0)
        max_length = try(each.max_length, 2048)
      }]
      number_attribute_constraints = try(each.type, null) != "Number" ? null : [{
        min_value = try(each.min_value, null)
        max_value = try(each.max_value, null)
      }]
    }
  ]

  verification_message_template = [{
    default_email_option  = var.default_email_option
    email_message         = var.email_message
    email_message_by_link = var.email_message_by_link
    email_subject         = var.email_subject
    email_subject_by_link = var.email_subject_by_link
    sms_message           = var.sms_message
  }]

  sign_in_policy = var.allowed_first_auth_factors == null ? null : [{ allowed_first_auth_factors = var.allowed_first_auth_factors }]

  user_attribute_update_settings = var.attributes_require_verification_before_update == null ? null : [{
    attributes_require_verification_before_update = var.attributes_require_verification_before_update
  }]

  lifecycle {
    precondition {
      condition     = length(local.missing) == 0
      error_message = "Not given, and needed: ${join(", ", local.missing)}."
    }
  }

  depends_on = [var.module_depends_on]
}

resource "poolform_user_pool_domain" "domain" {
  count = var.module_enabled && local.has_domain ? 1 : 0

  user_pool_id          = poolform_user_pool.user_pool[0].id
  domain                = var.domain
  certificate_arn       = var.certificate_arn
  managed_login_version = var.managed_login_version
  security_policy       = var.domain_security_policy
  routing               = var.domain_routing == null ? null : [var.domain_routing]
}

resource "poolform_user_pool_resource_server" "resource_server" {
  for_each = local.resource_servers

  user_pool_id = poolform_user_pool.user_pool[0].id
  identifier   = each.key
  name         = try(each.value.name, null)
  scope        = try(each.value.scopes, each.value.scope, [])

  lifecycle {
    precondition {
      condition     = try(each.value.name, null) != null
      error_message = "Not given, and needed: resource_servers[\"${each.key}\"].name."
    }
  }
}

resource "poolform_user_pool_group" "group" {
  for_each = local.user_groups

  user_pool_id = poolform_user_pool.user_pool[0].id
  name         = each.key
  description  = try(each.value.description, null)
  precedence   = try(each.value.precedence, null)
  role_arn     = try(each.value.role_arn, null)
}

resource "poolform_user_pool_identity_provider" "identity_provider" {
  for_each = local.identity_providers

  user_pool_id      = poolform_user_pool.user_pool[0].id
  provider_name     = each.key
  provider_type     = try(each.value.provider_type, null)
  provider_details  = try(each.value.provider_details, null)
  attribute_mapping = try(each.value.attribute_mapping, null)
  idp_identifiers   = try(each.value.idp_identifiers, null)
  acr_mapping       = try(each.value.acr_mapping, null)

  lifecycle {
    precondition {
      condition     = try(each.value.provider_type, null) != null
      error_message = "Not given, and needed: identity_providers[\"${each.key}\"].provider_type."
    }
  }
}

resource "poolform_user_pool_client" "client" {
  for_each = local.clients

  user_pool_id                                  = poolform_user_pool.user_pool[0].id
  name                                          = each.key
  access_token_validity                         = try(each.value.access_token_validity, var.default_client_access_token_validity)
  allowed_oauth_flows_user_pool_client          = try(each.value.allowed_oauth_flows_user_pool_client, var.default_client_allowed_oauth_flows_user_pool_client)
  allowed_oauth_flows                           = try(each.value.allowed_oauth_flows, var.default_client_allowed_oauth_flows)
  allowed_oauth_scopes                          = try(each.value.allowed_oauth_scopes, var.default_client_allowed_oauth_scopes)
  callback_urls                                 = try(each.value.callback_urls, var.default_client_callback_urls)
  default_redirect_uri                          = try(each.value.default_redirect_uri, var.default_client_default_redirect_uri)
  enable_token_revocation                       = try(each.value.enable_token_revocation, var.default_client_enable_token_revocation)
  explicit_auth_flows                           = try(each.value.explicit_auth_flows, var.default_client_explicit_auth_flows)
  generate_secret                               = try(each.value.generate_secret, var.default_client_generate_secret)
  id_token_validity                             = try(each.value.id_token_validity, var.default_client_id_token_validity)
  logout_urls                                   = try(each.value.logout_urls, var.default_client_logout_urls)
  prevent_user_existence_errors                 = try(each.value.prevent_user_existence_errors, var.default_client_prevent_user_existence_errors)
  read_attributes                               = try(each.value.read_attributes, var.default_client_read_attributes)
  refresh_token_validity                        = try(each.value.refresh_token_validity, var.default_client_refresh_token_validity)
  supported_identity_providers                  = try(each.value.supported_identity_providers, var.default_client_supported_identity_providers)
  write_attributes                              = try(each.value.write_attributes, var.default_client_write_attributes)
  auth_session_validity                         = try(each.value.auth_session_validity, var.default_client_auth_session_validity)
  enable_propagate_additional_user_context_data = try(each.value.enable_propagate_additional_user_context_data, var.default_client_enable_propagate_additional_user_context_data)
  allow_replace                                 = try(contains(var.allow_replace_clients, each.key), false)
  store_secret                                  = var.store_client_secrets

  analytics_configuration = try(each.value.analytics_configuration, null) == null ? null : [
    for given in [try(each.value.analytics_configuration, null)] : {
      application_arn  = try(given.application_arn, null)
      application_id   = try(given.application_id, null)
      external_id      = try(given.external_id, null)
      role_arn         = try(given.role_arn, null)
      user_data_shared = try(given.user_data_shared, null)
    }
  ]

  token_validity_units = try(each.value.token_validity_units, var.default_client_token_validity_units) == null ? null : [
    for given in [try(each.value.token_validity_units, var.default_client_token_validity_units)] : {
      access_token  = try(given.access_token, "hours")
      id_token      = try(given.id_token, "hours")
      refresh_token = try(given.refresh_token, "days")
    }
  ]

  refresh_token_rotation = try(each.value.refresh_token_rotation, var.default_client_refresh_token_rotation) == null ? null : [
    for given in [try(each.value.refresh_token_rotation, var.default_client_refresh_token_rotation)] : {
      feature                    = try(given.feature, null)
      retry_grace_period_seconds = try(given.retry_grace_period_seconds, null)
    }
  ]

  lifecycle {
    precondition {
      condition     = try(each.value.user_pool_id, null) == null || try(each.value.user_pool_id, null) == poolform_user_pool.user_pool[0].id
      error_message = "user_pool_id of the client \"${each.key}\" names another pool. Leave it out, or declare the client in that pool's own module call."
    }
  }

  # What it names must be there first, and goes last.
  depends_on = [
    poolform_user_pool_identity_provider.identity_provider,
    poolform_user_pool_resource_server.resource_server,
  ]
}
