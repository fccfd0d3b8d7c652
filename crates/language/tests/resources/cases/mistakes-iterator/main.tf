resource "aws_cognito_user_pool" "p" {
  name = "x"
  dynamic "lambda_config" {
    for_each = ["a"]
    iterator = it
    content {
      pre_sign_up = lambda_config.value
    }
  }
}
