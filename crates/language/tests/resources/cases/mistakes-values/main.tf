resource "aws_cognito_user_pool" "p" {
  name             = ["x"]
  alias_attributes = { a = 1 }
  auto_verified_attributes = ["email", { a = 1 }]
  password_policy {
    minimum_length = "many"
  }
  tags = { b = [1] }
}

resource "aws_cognito_user_pool" "q" {
  count = -1
  name  = "q"
}

resource "aws_cognito_user_pool" "r" {
  for_each = ["a"]
  name     = "r"
}
