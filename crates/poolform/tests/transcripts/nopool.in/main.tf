module "vendored" {
  source = "./modules/cognito-user-pool"
}
