module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name                    = "orders"
  password_minimum_length = 8
  clients                 = [{ name = "web" }]
}
