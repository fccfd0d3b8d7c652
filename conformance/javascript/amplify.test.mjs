// aws-amplify: sign-up, SRP, an authenticator app, refresh, remembered devices, sign-out.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { PASSWORD, call, code, endpoint, newPool, newUser, storage, totp } from "./local.mjs";

/** A pool with a client, and Amplify configured for it as an app would be. */
async function makePool(settings) {
  const pool = await newPool(settings);
  const { UserPoolClient } = await call("CreateUserPoolClient", { UserPoolId: pool, ClientName: "amplify" });
  Amplify.configure({ Auth: { Cognito: { userPoolId: pool, userPoolClientId: UserPoolClient.ClientId, userPoolEndpoint: endpoint } } });
  return pool;
}

// Amplify names devices after the browser; Node 20 has no navigator.
globalThis.navigator ??= { userAgent: "Node" };

before(() => cognitoUserPoolsTokenProvider.setKeyValueStorage(storage()));

test("a user signs up, confirms, signs in by SRP, refreshes, recovers and signs out", async () => {
  const pool = await makePool({ AutoVerifiedAttributes: ["email"], UsernameAttributes: ["email"] });
  const username = "anna@orders.example";
  const signedUp = await auth.signUp({ username, password: PASSWORD, options: { userAttributes: { email: username, name: "Anna" } } });
  assert.equal(signedUp.nextStep.signUpStep, "CONFIRM_SIGN_UP");
  assert.equal(signedUp.nextStep.codeDeliveryDetails.destination, "a***@o***");
  const early = await auth.signIn({ username, password: PASSWORD });
  assert.equal(early.nextStep.signInStep, "CONFIRM_SIGN_UP");
  await assert.rejects(auth.confirmSignUp({ username, confirmationCode: "000000" }), { name: "CodeMismatchException" });
  await auth.resendSignUpCode({ username });
  const confirmed = await auth.confirmSignUp({ username, confirmationCode: await code(pool) });
  assert.equal(confirmed.isSignUpComplete, true);

  await assert.rejects(auth.signIn({ username, password: "Wrong-pass-1" }), { name: "NotAuthorizedException" });
  assert.equal((await auth.signIn({ username, password: PASSWORD })).isSignedIn, true);
  const first = await auth.fetchAuthSession();
  assert.equal(first.tokens.idToken.payload.email, username);
  assert.equal((await auth.getCurrentUser()).userId, first.tokens.accessToken.payload.sub);
  const second = await auth.fetchAuthSession({ forceRefresh: true });
  assert.notEqual(second.tokens.accessToken.toString(), first.tokens.accessToken.toString());
  assert.equal(second.tokens.accessToken.payload.origin_jti, first.tokens.accessToken.payload.origin_jti);

  await auth.updateUserAttributes({ userAttributes: { nickname: "A" } });
  assert.equal((await auth.fetchUserAttributes()).nickname, "A");
  await auth.updatePassword({ oldPassword: PASSWORD, newPassword: "Second-pass-1" });
  const old = second.tokens.accessToken.toString();
  await auth.signOut({ global: true });
  await assert.rejects(auth.getCurrentUser());
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.GetUser" },
    body: JSON.stringify({ AccessToken: old }),
  });
  assert.equal((await answer.json()).message, "Access Token has been revoked");

  const reset = await auth.resetPassword({ username });
  assert.equal(reset.nextStep.resetPasswordStep, "CONFIRM_RESET_PASSWORD_WITH_CODE");
  await auth.confirmResetPassword({ username, confirmationCode: await code(pool), newPassword: "Third-pass-1" });
  assert.equal((await auth.signIn({ username, password: "Third-pass-1" })).isSignedIn, true);
  await auth.deleteUser();
});

test("a temporary password, then a new one", async () => {
  const pool = await makePool();
  await call("AdminCreateUser", { UserPoolId: pool, Username: "anna", TemporaryPassword: "Temporary-1", MessageAction: "SUPPRESS" });
  const asked = await auth.signIn({ username: "anna", password: "Temporary-1" });
  assert.equal(asked.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
  assert.equal((await auth.confirmSignIn({ challengeResponse: PASSWORD })).isSignedIn, true);
  await auth.signOut();
});

test("an authenticator app is set up, asked for, and spared on a remembered device", async () => {
  const pool = await makePool({ DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true } });
  await newUser(pool, "anna");
  await call("SetUserPoolMfaConfig", { UserPoolId: pool, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true } });
  const sign = () => auth.signIn({ username: "anna", password: PASSWORD });
  const first = await sign();
  assert.equal(first.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
  const secret = first.nextStep.totpSetupDetails.sharedSecret;
  assert.match(String(first.nextStep.totpSetupDetails.getSetupUri("orders")), /^otpauth:\/\/totp\//);
  assert.equal((await auth.confirmSignIn({ challengeResponse: totp(secret, -1) })).isSignedIn, true);
  await auth.updateMFAPreference({ totp: "PREFERRED" });
  assert.deepEqual(await auth.fetchMFAPreference(), { enabled: ["TOTP"], preferred: "TOTP" });
  await auth.signOut();

  assert.equal((await sign()).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
  await assert.rejects(auth.confirmSignIn({ challengeResponse: "000000" }), { name: "CodeMismatchException" });
  assert.equal((await auth.confirmSignIn({ challengeResponse: totp(secret) })).isSignedIn, true);
  await auth.rememberDevice();
  const devices = await auth.fetchDevices();
  assert.equal(devices.length >= 1, true);
  // A refresh takes the device along.
  const { tokens } = await auth.fetchAuthSession({ forceRefresh: true });
  assert.equal(devices.map((one) => one.id).includes(tokens.accessToken.payload.device_key), true);
  await auth.signOut();

  assert.equal((await sign()).isSignedIn, true);
  await auth.forgetDevice();
  await auth.signOut();
  assert.equal((await sign()).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
});

test("an app is set up while signed in", async () => {
  const pool = await makePool();
  await newUser(pool, "anna");
  await call("SetUserPoolMfaConfig", { UserPoolId: pool, MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: { Enabled: true } });
  await auth.signIn({ username: "anna", password: PASSWORD });
  const { sharedSecret } = await auth.setUpTOTP();
  await assert.rejects(auth.verifyTOTPSetup({ code: "000000" }), { name: "EnableSoftwareTokenMFAException" });
  await auth.verifyTOTPSetup({ code: totp(sharedSecret, -1) });
  await auth.updateMFAPreference({ totp: "PREFERRED" });
  await auth.signOut();
  assert.equal((await auth.signIn({ username: "anna", password: PASSWORD })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
  assert.equal((await auth.confirmSignIn({ challengeResponse: totp(sharedSecret) })).isSignedIn, true);
  await auth.signOut();
});
