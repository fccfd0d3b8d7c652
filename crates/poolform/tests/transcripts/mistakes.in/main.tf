variable "stage" {
  type = string
}

module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name                    = "orders-${var.stage}"
  password_minimum_lenght = 12
  mfa_configuration       = "ALWAYS"
  lambda_pre_sign_up      = module.lambdas.arn
  clients = [
    { name = "Web", calback_urls = ["https://a.example/cb"] },
    { name = "web", access_token_validity = 48 },
  ]
  resource_servers = [
    { identifier = "api", name = "API", scope = [], scopes = [] },
  ]
}

module "lambdas" {
  source = "git::https://git.example/lambdas.git"
}
