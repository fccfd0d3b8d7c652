module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name = "orders"
}

resource "aws_ssm_parameter" "pool" {
  name  = "pool"
  type  = "String"
  value = module.pool.user_pool.id
}
