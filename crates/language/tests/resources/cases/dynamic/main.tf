variable "schemas" {
  default = [
    { name = "plan", type = "String", max = 20 },
    { name = "seats", type = "Number", max = null },
  ]
}

variable "lambda" {
  default = {
    sign_up = null
    sender  = null
  }
}

resource "aws_cognito_user_pool" "p" {
  name = "dynamic"

  dynamic "schema" {
    for_each = var.schemas
    iterator = it
    content {
      name                = "${it.key}-${it.value.name}"
      attribute_data_type = it.value.type
      dynamic "string_attribute_constraints" {
        for_each = it.value.max == null ? [] : [it.value.max]
        content {
          max_length = string_attribute_constraints.value
          min_length = null
        }
      }
    }
  }

  schema {
    name                = "plain"
    attribute_data_type = "String"
  }

  dynamic "lambda_config" {
    for_each = var.lambda[*]
    content {
      pre_sign_up = lambda_config.value.sign_up
      dynamic "custom_email_sender" {
        for_each = lambda_config.value.sender == null ? [] : [1]
        content {
          lambda_arn     = lambda_config.value.sender
          lambda_version = "V1_0"
        }
      }
    }
  }

  dynamic "password_policy" {
    for_each = { a = 10 }
    content {
      minimum_length = password_policy.value
    }
  }

  dynamic "device_configuration" {
    for_each = []
    content {
    }
  }
}

resource "aws_cognito_resource_server" "api" {
  for_each     = toset(["a", "b"])
  identifier   = each.key
  name         = each.key
  user_pool_id = aws_cognito_user_pool.p.id
  dynamic "scope" {
    for_each = toset(["read", "write"])
    content {
      scope_name        = "${each.key}.${scope.key}"
      scope_description = "May ${scope.value}"
    }
  }
}

output "scopes" { value = sort([for it in aws_cognito_resource_server.api["b"].scope : it.scope_name]) }
