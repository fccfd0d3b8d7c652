variable "length" {
  type    = number
  default = 12
}

module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name                    = "orders"
  password_minimum_length = var.length
}
