module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name = "orders-${terraform.workspace}"
}

output "name" {
  value = module.pool.user_pool.name
}
