variable "enabled" {
  type    = bool
  default = true
}

module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  module_enabled = var.enabled
  name           = "orders"
  domain         = "orders-of-mine"
  clients        = [{ name = "web" }]
}

output "pool" {
  value = module.pool.user_pool
}
