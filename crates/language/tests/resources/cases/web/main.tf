variable "stage" {
  type    = string
  default = "dev"
}

locals {
  name      = "orders-${var.stage}"
  callbacks = [for host in ["orders.example", "www.orders.example"] : "https://${host}/in"]
}

resource "aws_cognito_user_pool" "this" {
  name                     = local.name
  auto_verified_attributes = ["email"]
  mfa_configuration        = null

  password_policy {
    minimum_length    = "12"
    require_lowercase = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
    recovery_mechanism {
      name     = "verified_phone_number"
      priority = 2
    }
  }

  schema {
    name                = "tenant"
    attribute_data_type = "String"
    string_attribute_constraints {
      max_length = 64
    }
  }

  tags = {
    stage = var.stage
    size  = 3
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  domain       = local.name
  user_pool_id = aws_cognito_user_pool.this.id
}

resource "aws_cognito_user_pool_client" "web" {
  name          = "web"
  user_pool_id  = aws_cognito_user_pool_domain.this.user_pool_id
  callback_urls = local.callbacks
}

output "id" { value = aws_cognito_user_pool.this.id }
output "issuer" { value = "https://${aws_cognito_user_pool.this.endpoint}" }
output "callbacks" { value = sort(aws_cognito_user_pool_client.web.callback_urls) }
output "length" { value = aws_cognito_user_pool.this.password_policy[0].minimum_length }
output "unwritten" { value = aws_cognito_user_pool.this.alias_attributes == null }
output "unwritten_in_block" { value = aws_cognito_user_pool.this.password_policy[0].temporary_password_validity_days }
output "mechanisms" { value = [for it in aws_cognito_user_pool.this.account_recovery_setting[0].recovery_mechanism : it.name] }
output "url" { value = "https://${aws_cognito_user_pool_domain.this.domain}.auth.example" }
