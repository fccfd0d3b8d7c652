# A user pool for a product with a web app, a mobile app and a nightly job. Plan and apply it on a laptop:
#
#   poolform apply -local

terraform {
  required_version = ">= 1.3"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { managed_by = "poolform" }
  }
}

locals {
  name = "${var.product}-${var.stage}"
  api  = "https://api.${var.product}.example"
  site = "https://${var.stage == "prod" ? "" : "${var.stage}."}${var.product}.example"
}

module "pool" {
  source  = "mineiros-io/cognito-user-pool/aws"
  version = "~> 0.9.0"

  name                = local.name
  deletion_protection = var.stage == "prod"

  # Who may join, and how.
  allow_admin_create_user_only = false
  alias_attributes             = ["email", "preferred_username"]
  auto_verified_attributes     = ["email"]
  invite_email_subject         = "Your ${title(var.product)} account"

  # Passwords and second factors; the defaults are strict already.
  password_minimum_length          = 16
  temporary_password_validity_days = 3
  mfa_configuration                = "ON"
  user_device_tracking             = "USER_OPT_IN"
  account_recovery_mechanisms      = [{ name = "verified_email", priority = 1 }]

  # What is known of a user besides the standard attributes.
  schema_attributes = [
    { name = "email", type = "String", required = true },
    { name = "tenant", type = "String", mutable = false, min_length = 1, max_length = 64 },
    { name = "seats", type = "Number", min_value = 0, max_value = 500 },
  ]

  # The API and its scopes.
  resource_servers = [
    {
      identifier = local.api
      name       = "${title(var.product)} API"
      scopes     = [for scope, text in var.scopes : { scope_name = scope, scope_description = text }]
    }
  ]

  # The sign-in pages.
  domain = local.name

  # The apps. What they share is said once.
  default_client_prevent_user_existence_errors        = "ENABLED"
  default_client_explicit_auth_flows                  = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  default_client_supported_identity_providers         = ["COGNITO"]
  default_client_allowed_oauth_flows_user_pool_client = true
  clients = concat(
    [
      for app, callback in { web = "${local.site}/signed-in", ios = "${var.product}://signed-in" } : {
        name                 = app
        allowed_oauth_flows  = ["code"]
        allowed_oauth_scopes = ["openid", "email", "${local.api}/read"]
        callback_urls        = [callback]
        logout_urls          = [local.site]
      }
    ],
    [
      {
        name                         = "nightly-job"
        generate_secret              = true
        explicit_auth_flows          = ["ALLOW_REFRESH_TOKEN_AUTH"]
        supported_identity_providers = null
        allowed_oauth_flows          = ["client_credentials"]
        allowed_oauth_scopes         = ["${local.api}/write"]
        access_token_validity        = 30
        token_validity_units         = { access_token = "minutes" }
      }
    ],
  )

  user_groups = [
    { name = "admins", description = "May do everything", precedence = 0 },
    { name = "support", description = "May look at everything", precedence = 10 },
  ]

  tags = { product = var.product, stage = var.stage }
}

output "user_pool_id" {
  value = module.pool.user_pool.id
}

output "issuer" {
  value = module.pool.issuer
}

output "client_ids" {
  value = { for name, client in module.pool.clients : name => client.id }
}

output "sign_in_url" {
  value = module.pool.hosted_sign_in_url
}

output "client_secrets" {
  value     = module.pool.client_secrets
  sensitive = true
}
