module "auth" {
  source   = "./auth"
  for_each = toset(["a", "b"])
  name     = each.key
}

module "empty" {
  source = "./auth"
  count  = 0
  name   = "x"
}

output "pool" { value = module.auth["a"].pool.name }
output "id" { value = module.auth["a"].pool.id }
output "urls" { value = { for key, auth in module.auth : key => auth.urls } }
output "deep" { value = module.auth["b"].domain }
