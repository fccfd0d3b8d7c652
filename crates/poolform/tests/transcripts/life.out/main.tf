provider "aws" {
  region = "eu-west-1"
}

module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name                    = "orders"
  password_minimum_length = 12
  clients                 = [{ name = "web" }]
}

output "region" {
  value = split("_", module.pool.user_pool.id)[0]
}

output "client" {
  value = module.pool.clients["web"].name
}
