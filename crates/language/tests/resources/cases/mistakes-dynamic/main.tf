resource "aws_cognito_user_pool" "a" {
  name = "x"
  dynamic "nope" {
    for_each = []
    content {}
  }
  dynamic "password_policy" {
    content {}
    labels = ["x"]
    foo    = 1
    bar {}
  }
  dynamic "email_configuration" {
    for_each = []
  }
  dynamic "device_configuration" {
    for_each = [1]
    content {}
    content {}
  }
}

resource "aws_cognito_user_pool" "b" {
  name = "x"
  dynamic "admin_create_user_config" {
    for_each = 5
    content {}
  }
  dynamic "email_configuration" {
    for_each = null
    content {}
  }
  dynamic "device_configuration" {
    for_each = [1, 2]
    content {}
  }
  dynamic "password_policy" {
    for_each = [1]
    content {
      minimum_lenght = 5
    }
  }
}

resource "aws_cognito_user_pool" "c" {
  name = "x"
  dynamic {
    for_each = []
  }
  dynamic "schema" "y" {
    for_each = []
  }
}
