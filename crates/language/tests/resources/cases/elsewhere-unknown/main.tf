resource "acme_function" "many" {
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "acme_function" "some" {
  count = length(data.acme_list.x.items)
}
data "acme_list" "x" {
  filter = "f"
}
module "lambdas" {
  source   = "acme/lambdas/aws"
  for_each = { a = 1 }
}
module "single" {
  source = "acme/single/aws"
}
module "inner" {
  source = "./inner"
  many   = acme_function.many
  single = acme_function.many["a"]
}
locals {
  single = module.single
}
output "splat" { value = values(acme_function.many)[*].arn }
output "each" { value = [for key, f in acme_function.many : "${key}/${f.name}/${f.tags["x"].y}"] }
output "unknown_count" { value = acme_function.some[*].arn }
output "data" { value = [data.acme_list.x.filter, data.acme_list.x.items] }
output "modules" { value = { for key, it in module.lambdas : key => it.arn } }
output "module" { value = local.single.arn }
output "inner" { value = module.inner }
output "whole" { value = acme_function.many["a"] }
output "json" { value = jsonencode(acme_function.many["a"]) }
output "choice" { value = (true ? acme_function.many["a"] : acme_function.many["b"]).arn }
output "merged" { value = merge(acme_function.many["a"], { x = 1 }) }
