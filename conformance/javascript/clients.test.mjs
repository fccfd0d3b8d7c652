// amazon-cognito-identity-js for sign-up, SRP, devices, authenticator apps and refresh, aws-jwt-verify for tokens.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AuthenticationDetails, CognitoRefreshToken, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";
import { JwtVerifier } from "aws-jwt-verify";

import { PASSWORD, call, code, endpoint, newPool, newUser, storage, totp } from "./local.mjs";

const EMAIL = "anna@orders.example";

/** A pool, a client in it, and the pool as amazon-cognito-identity-js knows it. */
async function makePool(settings) {
  const id = await newPool(settings);
  const { UserPoolClient } = await call("CreateUserPoolClient", { UserPoolId: id, ClientName: "web" });
  const Storage = storage();
  const pool = new CognitoUserPool({ UserPoolId: id, ClientId: UserPoolClient.ClientId, endpoint, Storage });
  return { id, client: UserPoolClient.ClientId, pool, user: (Username) => new CognitoUser({ Username, Pool: pool, Storage }) };
}

/** A call with a Node callback, as a promise. */
const wait = (start) => new Promise((done, failed) => start((error, value) => (error ? failed(error) : done(value))));

/** A call with an object of callbacks: resolves with the name of the one that was called, and its arguments. */
const outcome = (start) =>
  new Promise((done) => {
    const names = ["onSuccess", "onFailure", "newPasswordRequired", "mfaRequired", "mfaSetup", "totpRequired", "selectMFAType", "inputVerificationCode"];
    start(Object.fromEntries(names.map((name) => [name, (...given) => done([name, ...given])])));
  });

const signIn = (user, Password) => outcome((callbacks) => user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), callbacks));

test("a user signs up, confirms, signs in by SRP, refreshes, recovers and leaves", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"], AliasAttributes: ["email"] });
  const email = new CognitoUserAttribute({ Name: "email", Value: EMAIL });
  const made = await wait((done) => pool.pool.signUp("anna", PASSWORD, [email], null, done));
  assert.equal(made.userConfirmed, false);
  assert.equal(made.codeDeliveryDetails.Destination, "a***@o***");
  const user = pool.user("anna");
  const [name, error] = await signIn(user, PASSWORD);
  assert.deepEqual([name, error.name], ["onFailure", "UserNotConfirmedException"]);
  await wait((done) => user.resendConfirmationCode(done));
  const confirmation = await code(pool.id);
  await wait((done) => user.confirmRegistration(confirmation, false, done));

  const [signedIn, session] = await signIn(pool.user(EMAIL), PASSWORD);
  assert.equal(signedIn, "onSuccess");
  const discovered = await (await fetch(`${endpoint}/${pool.id}/.well-known/openid-configuration`)).json();
  const keys = await (await fetch(discovered.jwks_uri)).json();
  const verifier = (audience) => {
    const made = JwtVerifier.create({ issuer: discovered.issuer, audience, jwksUri: discovered.jwks_uri });
    made.cacheJwks(keys);
    return made;
  };
  const identity = await verifier(pool.client).verify(session.getIdToken().getJwtToken());
  assert.equal(identity.email, EMAIL);
  const access = await verifier(null).verify(session.getAccessToken().getJwtToken());
  assert.equal(access.client_id, pool.client);
  await assert.rejects(verifier("another").verify(session.getIdToken().getJwtToken()));

  const [, mine] = await signIn(user, PASSWORD);
  const token = new CognitoRefreshToken({ RefreshToken: mine.getRefreshToken().getToken() });
  const refreshed = await wait((done) => user.refreshSession(token, done));
  assert.notEqual(refreshed.getAccessToken().getJwtToken(), mine.getAccessToken().getJwtToken());
  await wait((done) => user.changePassword(PASSWORD, "Second-pass-1", done));
  const attributes = await wait((done) => user.getUserAttributes(done));
  assert.equal(attributes.find((one) => one.getName() === "email_verified").getValue(), "true");
  const [asked] = await outcome((callbacks) => user.forgotPassword(callbacks));
  assert.equal(asked, "inputVerificationCode");
  const reset = await code(pool.id);
  const [confirmed] = await outcome((callbacks) => user.confirmPassword(reset, "Third-pass-1", callbacks));
  assert.equal(confirmed, "onSuccess");
  assert.equal((await signIn(user, "Second-pass-1"))[0], "onFailure");
  assert.equal((await signIn(user, "Third-pass-1"))[0], "onSuccess");
  await outcome((callbacks) => user.globalSignOut(callbacks));
  assert.equal((await signIn(user, "Third-pass-1"))[0], "onSuccess");
  await wait((done) => user.deleteUser(done));
});

test("a new password is required, with an attribute", async () => {
  const schema = [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }];
  const pool = await makePool({ Schema: schema });
  const named = { UserPoolId: pool.id, Username: "anna" };
  await call("AdminCreateUser", { ...named, TemporaryPassword: "Temporary-1", MessageAction: "SUPPRESS" });
  const user = pool.user("anna");
  const [asked, , required] = await signIn(user, "Temporary-1");
  assert.deepEqual([asked, required], ["newPasswordRequired", ["given_name"]]);
  const [done] = await outcome((callbacks) => user.completeNewPasswordChallenge(PASSWORD, { given_name: "Anna" }, callbacks));
  assert.equal(done, "onSuccess");
});

test("an authenticator app, and then a device that stands for it", async () => {
  const pool = await makePool({ DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true } });
  await newUser(pool.id, "anna");
  await call("SetUserPoolMfaConfig", { UserPoolId: pool.id, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true } });
  const user = pool.user("anna");
  assert.equal((await signIn(user, PASSWORD))[0], "mfaSetup");
  const secret = await new Promise((done, failed) => user.associateSoftwareToken({ associateSecretCode: done, onFailure: failed }));
  const [verified] = await outcome((callbacks) => user.verifySoftwareToken(totp(secret, -1), "phone", callbacks));
  assert.equal(verified, "onSuccess");
  assert.equal((await signIn(user, PASSWORD))[0], "totpRequired");
  const [second] = await outcome((callbacks) => user.sendMFACode(totp(secret), callbacks, "SOFTWARE_TOKEN_MFA"));
  assert.equal(second, "onSuccess");
  const [remembered, answer] = await outcome((callbacks) => user.setDeviceStatusRemembered(callbacks));
  assert.deepEqual([remembered, answer], ["onSuccess", "SUCCESS"]);
  assert.equal((await signIn(user, PASSWORD))[0], "onSuccess");
  const [listed, devices] = await outcome((callbacks) => user.listDevices(5, null, callbacks));
  assert.equal(listed, "onSuccess");
  assert.ok(devices.Devices.length >= 1);
  const [forgotten] = await outcome((callbacks) => user.forgetDevice(callbacks));
  assert.equal(forgotten, "onSuccess");
  assert.equal((await signIn(user, PASSWORD))[0], "totpRequired");
});
