# Pools of the original module keep their ids: each of its addresses becomes one of these.

moved {
  from = aws_cognito_user_pool.user_pool
  to   = poolform_user_pool.user_pool
}

moved {
  from = aws_cognito_user_pool_client.client
  to   = poolform_user_pool_client.client
}

moved {
  from = aws_cognito_user_pool_domain.domain
  to   = poolform_user_pool_domain.domain
}

moved {
  from = aws_cognito_resource_server.resource_server
  to   = poolform_user_pool_resource_server.resource_server
}
