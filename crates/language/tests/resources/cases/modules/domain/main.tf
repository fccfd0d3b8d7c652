variable "pool" {
  type = object({ id = string, name = string })
}

resource "aws_cognito_user_pool_domain" "this" {
  domain       = "${var.pool.name}-sign-in"
  user_pool_id = var.pool.id
}

output "domain" { value = aws_cognito_user_pool_domain.this.domain }
