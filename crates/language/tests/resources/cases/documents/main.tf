data "aws_iam_policy_document" "one" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["cognito-idp.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["b", "a"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:username"
      values   = ["&{aws:username}"]
    }
  }
  statement {
    sid = "All"
    effect = "Deny"
    not_actions = ["b:x", "a:y", "c:z"]
    resources = ["*"]
    principals {
      type = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions = ["sns:Publish"]
    not_resources = ["arn:b", "arn:a"]
    principals {
      type = "AWS"
      identifiers = ["b", "a"]
    }
    principals {
      type = "AWS"
      identifiers = ["c"]
    }
    not_principals {
      type = "Federated"
      identifiers = ["x"]
    }
    condition {
      test     = "Bool"
      variable = "v"
      values   = ["true"]
    }
    condition {
      test     = "Bool"
      variable = "v"
      values   = ["false", "x"]
    }
  }
}
data "aws_iam_policy_document" "two" {
  policy_id = "id"
  version = "2008-10-17"
  statement {
    resources = ["*"]
    actions = ["a<b>&c"]
  }
}
data "aws_iam_policy_document" "none" {
}
output "one" { value = data.aws_iam_policy_document.one.json }
output "two" { value = data.aws_iam_policy_document.two.minified_json }
output "none" { value = data.aws_iam_policy_document.none.json }
data "aws_iam_policy_document" "many" {
  for_each = toset(["a", "b"])
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${each.key}/*"]
  }
}
output "many" { value = [for key, document in data.aws_iam_policy_document.many : jsondecode(document.json).Statement[0].Resource] }
