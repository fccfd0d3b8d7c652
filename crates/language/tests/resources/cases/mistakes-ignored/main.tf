resource "aws_cognito_user_pool" "p" {
  name = "x"
  lifecycle {
    ignore_changes = [schema, tags["x"], password_policy[0].minimum_length, nmae]
  }
}
