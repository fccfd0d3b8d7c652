resource "aws_lambda_function" "sign_up" {
  function_name = "sign-up-${var.stage}"
  role          = aws_iam_role.lambda.arn
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  filename      = "f.zip"
  environment {
    variables = { STAGE = var.stage }
  }
}

resource "aws_iam_role" "lambda" {
  name               = "lambda"
  assume_role_policy = "{}"
}

resource "aws_lambda_function" "many" {
  for_each      = toset(["a", "b"])
  function_name = "f-${each.key}"
  role          = aws_iam_role.lambda.arn
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  filename      = "f.zip"
}

resource "aws_route53_zone" "z" {
  count = 1
  name  = "orders.example"
}

resource "aws_sns_topic" "gone" {
  count = 0
}

variable "stage" { default = "dev" }

locals {
  functions = { one = aws_lambda_function.sign_up, two = aws_lambda_function.many["a"] }
}

resource "aws_cognito_user_pool" "p" {
  name = aws_lambda_function.sign_up.function_name
  tags = { zone = aws_route53_zone.z[0].name }
}

output "written" { value = aws_lambda_function.sign_up.handler }
output "computed" { value = aws_lambda_function.sign_up.arn }
output "in_text" { value = "${aws_lambda_function.sign_up.arn}:1" }
output "of_key" { value = aws_lambda_function.many["b"].function_name }
output "names" { value = values(aws_lambda_function.many)[*].function_name }
output "each" { value = { for key, f in aws_lambda_function.many : key => f.runtime } }
output "through_local" { value = local.functions.two.function_name }
output "zones" { value = aws_route53_zone.z[*].name }
output "gone" { value = try(aws_sns_topic.gone[0].arn, "none") }
output "one" { value = one(aws_sns_topic.gone[*].arn) }
output "zone_id" { value = aws_route53_zone.z[0].zone_id }
output "null" { value = aws_lambda_function.sign_up == null }
