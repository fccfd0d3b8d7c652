resource "aws_lb" "web" {}
module "inner" {
  source = "acme/inner/aws"
}
output "host" { value = aws_lb.web.dns_name }
output "url" { value = module.inner.callback_url }
