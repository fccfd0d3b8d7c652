# The user pool of this app. `poolform dev` serves it on this machine; the same file declares it on AWS.

provider "aws" {
  region = "eu-west-1"
}

module "pool" {
  source  = "mineiros-io/cognito-user-pool/aws"
  version = "0.9.0"

  name                     = "python-server"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  domain                   = "python-server"
  mfa_configuration        = "OFF"

  # Users sign up themselves.
  allow_admin_create_user_only = false

  clients = [
    {
      name                                 = "web"
      generate_secret                      = true
      allowed_oauth_flows                  = ["code"]
      allowed_oauth_flows_user_pool_client = true
      allowed_oauth_scopes                 = ["openid", "email", "profile"]
      supported_identity_providers         = ["COGNITO"]
      callback_urls                        = ["http://localhost:3002/callback"]
      logout_urls                          = ["http://localhost:3002/"]
    },
  ]
}
