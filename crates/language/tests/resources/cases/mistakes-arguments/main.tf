resource "aws_cognito_user_pool" "p" {
  name = "x"
  nmae = "y"
  pasword_policy {
  }
  tags {
    a = 1
  }
  password_policy = [{ minimum_length = 8 }]
  username_configuration {
    case_sensitive = true
  }
  username_configuration {
    case_sensitive = true
  }
  schema "x" {
    name                = "a"
    attribute_data_type = "String"
  }
  schema {
    name = "b"
  }
}

resource "aws_cognito_user_pool_client" "c" {
  name = "x"
}

resource "aws_cognito_user_pool_client" "d" {
  name         = "x"
  user_pool_id = "x"
  count        = 1
  for_each     = {}
}
