variable "name" { type = string }

resource "aws_cognito_user_pool" "this" {
  name = var.name
}

resource "aws_cognito_user_pool_client" "this" {
  for_each      = toset(["x.example", "y.example"])
  name          = replace(each.value, ".", "-")
  user_pool_id  = aws_cognito_user_pool.this.id
  callback_urls = ["https://${each.value}/in"]
}

module "domain" {
  source = "../domain"
  pool   = aws_cognito_user_pool.this
}

output "pool" { value = aws_cognito_user_pool.this }
output "urls" { value = merge([for c in aws_cognito_user_pool_client.this : { (c.name) = tolist(c.callback_urls)[0] }]...) }
output "domain" { value = module.domain.domain }
