// openid-client against the domain of a pool: discovery, code with PKCE, refresh, user info, revocation, client credentials.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import * as openid from "openid-client";

import { PASSWORD, call, endpoint, fetchByHost, newPool, newUser } from "./local.mjs";

const CALLBACK = "https://app.example/callback";

/** A pool with a domain, a user and a resource server, and a way to discover it as a client of its own. */
async function makePool() {
  const pool = await newPool();
  await call("CreateUserPoolDomain", { UserPoolId: pool, Domain: `openid-${randomUUID().slice(0, 8)}` });
  await call("CreateResourceServer", {
    UserPoolId: pool,
    Identifier: "orders",
    Name: "Orders",
    Scopes: [{ ScopeName: "read", ScopeDescription: "read" }],
  });
  await newUser(pool, "anna", { email: "anna@orders.example", email_verified: "true" });
  return async (settings, authentication) => {
    const { UserPoolClient } = await call("CreateUserPoolClient", {
      UserPoolId: pool,
      ClientName: "openid",
      AllowedOAuthFlowsUserPoolClient: true,
      SupportedIdentityProviders: ["COGNITO"],
      ...settings,
    });
    const document = new URL(`${endpoint}/${pool}/.well-known/openid-configuration`);
    const secret = UserPoolClient.ClientSecret;
    const shown = authentication?.(secret) ?? (secret ? undefined : openid.None());
    return openid.discovery(document, UserPoolClient.ClientId, secret, shown, {
      execute: [openid.allowInsecureRequests],
    });
  };
}

/** A person with a browser without scripts: signs in on the page; where the browser is sent in the end. */
async function browse(address) {
  const start = await fetchByHost(address);
  const page = new URL(start.headers.get("location"), address);
  if (page.origin !== address.origin) return page;
  const shown = await fetchByHost(page);
  const cookie = shown.headers.get("set-cookie").split(";")[0];
  const body = new URLSearchParams({ _csrf: cookie.split("=")[1], username: "anna", password: PASSWORD });
  const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
  const signedIn = await fetchByHost(page, { method: "POST", headers, body });
  return new URL(signedIn.headers.get("location"));
}

const PAGES = { AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["openid", "email", "orders/read"], CallbackURLs: [CALLBACK] };

test("a code with PKCE, refresh, user info and revocation", async () => {
  const discover = await makePool();
  const config = await discover(PAGES);
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: "openid email orders/read",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  assert.match(address.host, /^openid-.*\.auth\.us-east-1\.localhost/);
  const back = await browse(address);
  assert.equal(back.origin + back.pathname, CALLBACK);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, back, checks);
  assert.equal(tokens.claims().email, "anna@orders.example");
  assert.equal(tokens.scope ?? "openid email orders/read", "openid email orders/read");
  // A code is good for one use.
  await assert.rejects(openid.authorizationCodeGrant(config, back, checks), { error: "invalid_grant" });

  const person = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(person.email, "anna@orders.example");
  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(refreshed.access_token, tokens.access_token);
  assert.equal(refreshed.claims().sub, tokens.claims().sub);
  await openid.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(openid.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(openid.fetchUserInfo(config, refreshed.access_token, openid.skipSubjectCheck));
});

test("a wrong verifier and a foreign state are refused", async () => {
  const discover = await makePool();
  const config = await discover(PAGES);
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: "openid",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
  });
  const back = await browse(address);
  await assert.rejects(openid.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: "another" }));
  const wrong = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: state };
  await assert.rejects(openid.authorizationCodeGrant(config, back, wrong), { error: "invalid_grant" });
});

test("errors come back to the client with its state", async () => {
  const discover = await makePool();
  const config = await discover(PAGES);
  const address = openid.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: "openid phone", state: "s" });
  const back = await browse(address);
  await assert.rejects(openid.authorizationCodeGrant(config, back, { expectedState: "s" }), { error: "invalid_scope" });
});

test("client credentials, by header and by form", async () => {
  const discover = await makePool();
  const machine = { AllowedOAuthFlows: ["client_credentials"], AllowedOAuthScopes: ["orders/read"], GenerateSecret: true };
  for (const way of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
    const config = await discover(machine, way);
    const tokens = await openid.clientCredentialsGrant(config, { scope: "orders/read" });
    assert.equal(tokens.expires_in, 3600);
    assert.equal(tokens.refresh_token, undefined);
    await assert.rejects(openid.clientCredentialsGrant(config, { scope: "openid" }), { error: "invalid_scope" });
  }
  const config = await discover(machine, () => openid.ClientSecretBasic("wrong"));
  await assert.rejects(openid.clientCredentialsGrant(config, { scope: "orders/read" }), { error: "invalid_client" });
});
