provider "aws" {
  region = "eu-central-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
variable "stage" {}

resource "aws_lambda_function" "sign_up" {
  function_name = "sign-up-${var.stage}"
}
resource "aws_lambda_function" "by_key" {
  for_each      = toset(["pre", "post"])
  function_name = each.key
}
resource "aws_lambda_function" "unnamed" {
  provider = aws.us
}
resource "aws_lambda_alias" "live" {
  name          = "live"
  function_name = aws_lambda_function.sign_up.arn
}
resource "aws_iam_role" "sms" {
  path        = "/cognito/"
  name_prefix = "sms-"
}
resource "aws_ses_domain_identity" "d" {
  domain = "orders.example"
}
data "aws_acm_certificate" "cert" {
  domain = "auth.orders.example"
}
resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = data.aws_acm_certificate.cert.arn
}
resource "aws_kms_key" "k" {}
resource "aws_kms_alias" "k" {
  name = "alias/cognito"
}
resource "aws_route53_zone" "z" {
  name = "orders.example"
}
resource "aws_cloudfront_distribution" "site" {}
resource "aws_lb" "web" {
  count = 2
}
resource "aws_lb" "set" {}
resource "aws_lb" "recorded" {}
resource "aws_apigatewayv2_api" "api" {}
resource "random_string" "suffix" {
  length  = 6
  upper   = false
  special = false
}
resource "random_password" "p" {
  length           = 20
  override_special = "-_"
}
resource "random_id" "i" {
  byte_length = 4
}
resource "random_pet" "n" {
  prefix = "orders"
}
resource "terraform_data" "t" {
  input = { zone = aws_route53_zone.z.name }
}
data "aws_secretsmanager_secret_version" "google" {
  secret_id = "google"
}
data "aws_ssm_parameter" "client" {
  name = "/google/client"
}
data "terraform_remote_state" "network" {
  backend = "s3"
}
data "aws_caller_identity" "me" {
  count = 1
}
module "lambdas" {
  source = "acme/lambdas/aws"
}
module "edge" {
  source = "./edge"
}

resource "aws_cognito_user_pool" "p" {
  name = "orders-${random_string.suffix.result}"
  lambda_config {
    pre_sign_up = module.lambdas.pre_sign_up_arn
  }
  email_configuration {
    source_arn = aws_ses_domain_identity.d.arn
  }
  tags = merge(module.lambdas.tags, { a = data.terraform_remote_state.network.outputs.vpc_id })
  dynamic "schema" {
    for_each = module.lambdas.schemas
    content {
      name                = schema.value
      attribute_data_type = "String"
    }
  }
  auto_verified_attributes = module.lambdas.verified
  lifecycle {
    precondition {
      condition     = module.lambdas.is_ready
      error_message = "Not ready."
    }
  }
}
resource "aws_cognito_user_pool_client" "c" {
  name          = "c"
  user_pool_id  = aws_cognito_user_pool.p.id
  callback_urls = concat(["https://${aws_cloudfront_distribution.site.domain_name}/in", module.edge.url], module.lambdas.urls)
}
resource "aws_cognito_identity_provider" "google" {
  user_pool_id  = aws_cognito_user_pool.p.id
  provider_name = "Google"
  provider_type = "Google"
  provider_details = {
    client_id     = data.aws_ssm_parameter.client.value
    client_secret = jsondecode(data.aws_secretsmanager_secret_version.google.secret_string)["client_secret"]
  }
}

output "arn" { value = aws_lambda_function.sign_up.arn }
output "arns" { value = { for key, f in aws_lambda_function.by_key : key => f.arn } }
output "splat" { value = values(aws_lambda_function.by_key)[*].invoke_arn }
output "unnamed" { value = aws_lambda_function.unnamed.qualified_arn }
output "alias" { value = aws_lambda_alias.live.arn }
output "role" { value = aws_iam_role.sms.arn }
output "certificate" { value = aws_acm_certificate_validation.cert.certificate_arn }
output "key" { value = aws_kms_key.k.arn == aws_kms_key.k.key_id }
output "key_alias" { value = aws_kms_alias.k.arn }
output "zone" { value = [aws_route53_zone.z.zone_id, aws_route53_zone.z.name_servers[1]] }
output "lbs" { value = aws_lb.web[*].dns_name }
output "set" { value = [aws_lb.set.dns_name, aws_lb.recorded.dns_name] }
output "api" { value = aws_apigatewayv2_api.api.api_endpoint }
output "password" {
  value     = [length(random_password.p.result), random_password.p.result]
  sensitive = true
}
output "random" { value = [random_id.i.hex, random_pet.n.id] }
output "data" { value = terraform_data.t.output.zone }
output "account" { value = data.aws_caller_identity.me[0].account_id }
output "deep" { value = module.edge.host }
output "pool" { value = aws_cognito_user_pool.p.id }
output "either" { value = try(module.lambdas.name, "x") }
output "can" { value = can(module.lambdas.name) }
output "coalesced" { value = coalesce(module.lambdas.name, "x") }
output "absent" { value = module.lambdas.name == null ? "null" : "there" }
output "first" { value = [element(module.lambdas.items, 0), one(module.lambdas.items[*].id)] }
output "flat" { value = flatten([module.lambdas.items, ["a"]]) }
output "not_matched" { value = regex("^arn:aws:[a-z]+:([a-z0-9-]+)", module.lambdas.name)[0] }
output "module" { value = module.lambdas }
output "number" { value = module.lambdas.size + 1 }
output "mail" { value = module.lambdas.contact_email }
output "host" { value = module.lambdas.domain_name }
