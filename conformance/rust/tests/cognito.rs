//! Sign-up, sign-in by password, challenges, typed errors and paginators. The SDK has no waiters for this API.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata;
use aws_sdk_cognitoidentityprovider::operation::confirm_sign_up::ConfirmSignUpError;
use aws_sdk_cognitoidentityprovider::operation::initiate_auth::{InitiateAuthError, InitiateAuthOutput};
use aws_sdk_cognitoidentityprovider::operation::sign_up::SignUpError;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, ChallengeNameType, DeliveryMediumType, ExplicitAuthFlowsType, MessageActionType,
    UserStatusType, VerifiedAttributeType,
};
use poolform_conformance::client;

const PASSWORD: &str = "Secret-pass-1";

/// A pool with a client that signs in by password; deleted by [`Pool::delete`].
struct Pool {
    cognito: Client,
    id: String,
    client: String,
}

impl Pool {
    async fn new() -> Pool {
        let cognito = client();
        let made = cognito.create_user_pool().pool_name("rust").auto_verified_attributes(VerifiedAttributeType::Email);
        let id = made.send().await.unwrap().user_pool.unwrap().id.unwrap();
        let made = cognito
            .create_user_pool_client()
            .user_pool_id(&id)
            .client_name("rust")
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        let client = made.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap();
        Pool { cognito, id, client }
    }

    async fn sign_in(&self, name: &str, password: &str) -> Result<InitiateAuthOutput, InitiateAuthError> {
        let asked = self
            .cognito
            .initiate_auth()
            .client_id(&self.client)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", name)
            .auth_parameters("PASSWORD", password);
        asked.send().await.map_err(|error| error.into_service_error())
    }

    async fn user(&self, name: &str, password: &str, permanent: bool) {
        let made = self.cognito.admin_create_user().user_pool_id(&self.id).username(name);
        made.message_action(MessageActionType::Suppress).send().await.unwrap();
        let set = self.cognito.admin_set_user_password().user_pool_id(&self.id).username(name);
        set.password(password).permanent(permanent).send().await.unwrap();
    }

    async fn delete(self) {
        self.cognito.delete_user_pool().user_pool_id(&self.id).send().await.unwrap();
    }
}

fn email(value: &str) -> AttributeType {
    AttributeType::builder().name("email").value(value).build().unwrap()
}

#[tokio::test]
async fn a_user_signs_up_is_confirmed_and_signs_in() {
    let pool = Pool::new().await;
    let sign_up = |name: &str, password: &str| {
        let asked = pool.cognito.sign_up().client_id(&pool.client).username(name).password(password);
        asked.user_attributes(email("anna@orders.example")).send()
    };
    let made = sign_up("anna", PASSWORD).await.unwrap();
    assert!(!made.user_confirmed);
    let details = made.code_delivery_details.unwrap();
    assert_eq!(details.delivery_medium, Some(DeliveryMediumType::Email));
    assert_eq!(details.destination.as_deref(), Some("a***@o***"));

    let refused = sign_up("anna", PASSWORD).await.unwrap_err().into_service_error();
    assert!(matches!(refused, SignUpError::UsernameExistsException(_)), "{refused:?}");
    let refused = sign_up("bert", "short").await.unwrap_err().into_service_error();
    assert!(matches!(refused, SignUpError::InvalidPasswordException(_)), "{refused:?}");
    assert_eq!(refused.message(), Some("Password did not conform with policy: Password not long enough"));
    let early = pool.sign_in("anna", PASSWORD).await.unwrap_err();
    assert!(matches!(early, InitiateAuthError::UserNotConfirmedException(_)), "{early:?}");
    let wrong = pool.cognito.confirm_sign_up().client_id(&pool.client).username("anna").confirmation_code("000000");
    let refused = wrong.send().await.unwrap_err().into_service_error();
    assert!(matches!(refused, ConfirmSignUpError::CodeMismatchException(_)), "{refused:?}");

    pool.cognito.admin_confirm_sign_up().user_pool_id(&pool.id).username("anna").send().await.unwrap();
    let tokens = pool.sign_in("anna", PASSWORD).await.unwrap().authentication_result.unwrap();
    assert_eq!((tokens.expires_in, tokens.token_type.as_deref()), (3600, Some("Bearer")));
    let token = tokens.access_token.unwrap();
    let shown = pool.cognito.get_user().access_token(&token).send().await.unwrap();
    assert_eq!(shown.username, "anna");
    assert!(shown.user_attributes.iter().any(|one| one.name == "email"));

    let refreshed = pool.cognito.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::RefreshTokenAuth);
    let refreshed = refreshed.auth_parameters("REFRESH_TOKEN", tokens.refresh_token.unwrap()).send().await.unwrap();
    assert!(refreshed.authentication_result.unwrap().access_token.is_some());
    pool.cognito.global_sign_out().access_token(&token).send().await.unwrap();
    let refused = pool.cognito.get_user().access_token(&token).send().await.unwrap_err().into_service_error();
    assert!(refused.is_not_authorized_exception(), "{refused:?}");
    assert_eq!(refused.message(), Some("Access Token has been revoked"));
    pool.delete().await;
}

#[tokio::test]
async fn a_temporary_password_is_a_challenge() {
    let pool = Pool::new().await;
    pool.user("anna", "Temporary-1", false).await;
    let asked = pool.sign_in("anna", "Temporary-1").await.unwrap();
    assert_eq!(asked.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
    assert!(asked.challenge_parameters.unwrap().contains_key("requiredAttributes"));
    let answer = pool
        .cognito
        .respond_to_auth_challenge()
        .client_id(&pool.client)
        .challenge_name(ChallengeNameType::NewPasswordRequired)
        .set_session(asked.session)
        .set_challenge_responses(Some(HashMap::from([
            ("USERNAME".to_owned(), "anna".to_owned()),
            ("NEW_PASSWORD".to_owned(), PASSWORD.to_owned()),
        ])));
    assert!(answer.clone().send().await.unwrap().authentication_result.is_some());
    let refused = answer.send().await.unwrap_err().into_service_error();
    assert!(refused.is_not_authorized_exception(), "a session is good for one answer: {refused:?}");
    let shown = pool.cognito.admin_get_user().user_pool_id(&pool.id).username("anna").send().await.unwrap();
    assert_eq!(shown.user_status, Some(UserStatusType::Confirmed));
    pool.delete().await;
}

#[tokio::test]
async fn errors_are_typed() {
    let pool = Pool::new().await;
    pool.user("anna", PASSWORD, true).await;
    let wrong = pool.sign_in("anna", "Wrong-pass-1").await.unwrap_err();
    assert!(matches!(wrong, InitiateAuthError::NotAuthorizedException(_)), "{wrong:?}");
    assert!(wrong.meta().extra("aws_request_id").is_some_and(|id| !id.is_empty()));
    let nobody = pool.sign_in("nobody", PASSWORD).await.unwrap_err();
    assert!(matches!(nobody, InitiateAuthError::UserNotFoundException(_)), "{nobody:?}");
    let gone = pool.cognito.describe_user_pool().user_pool_id("us-east-1_000000000").send().await.unwrap_err();
    let gone = gone.into_service_error();
    assert!(gone.is_resource_not_found_exception(), "{gone:?}");
    let misused = pool.cognito.list_users().user_pool_id(&pool.id).filter("colour = \"red\"").send().await.unwrap_err();
    let misused = misused.into_service_error();
    assert!(misused.is_invalid_parameter_exception(), "{misused:?}");
    pool.delete().await;
}

#[tokio::test]
async fn paginators_show_each_once() {
    let pool = Pool::new().await;
    for number in 0..25 {
        let made = pool.cognito.admin_create_user().user_pool_id(&pool.id).username(format!("user{number:02}"));
        made.message_action(MessageActionType::Suppress).send().await.unwrap();
    }
    let mut names = Vec::new();
    let mut pages = 0;
    let mut paginator = pool.cognito.list_users().user_pool_id(&pool.id).limit(10).into_paginator().send();
    while let Some(page) = paginator.next().await {
        names.extend(page.unwrap().users.unwrap_or_default().into_iter().filter_map(|user| user.username));
        pages += 1;
    }
    names.sort();
    names.dedup();
    assert_eq!((names.len(), pages), (25, 3));
    for name in ["a", "b", "c"] {
        pool.cognito.create_group().user_pool_id(&pool.id).group_name(name).send().await.unwrap();
    }
    let mut groups = pool.cognito.list_groups().user_pool_id(&pool.id).limit(2).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(group) = groups.next().await {
        found.extend(group.unwrap().group_name);
    }
    found.sort();
    assert_eq!(found, ["a", "b", "c"]);
    pool.delete().await;
}
