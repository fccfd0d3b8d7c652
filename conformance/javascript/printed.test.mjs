// What `poolform env` prints, loaded unchanged by the client it is for. examples.test.mjs does the same with .env files and with
// the settings for OpenID Connect.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { storage } from "./local.mjs";
import { codeFor, examples, printed, start, until } from "./started.mjs";

const COGNITO = "http://127.0.0.1:9230";
const PASSWORD = "Secret-pass-of-20-letters";
const folder = mkdtempSync(`${tmpdir()}/printed-`);
let dev;

before(async () => {
  cpSync(`${examples}/browser-app/main.tf`, `${folder}/main.tf`);
  dev = start(folder, "poolform dev -port 9230");
  await until("the applied pool", () => {
    assert.equal(dev.code, undefined, dev.said);
    return dev.said.includes("Watching");
  });
});

after(async () => {
  await dev.stop();
  rmSync(folder, { recursive: true });
});

test("Amplify is configured by -format amplify", async () => {
  // Amplify names devices after the browser; Node 20 has no navigator.
  globalThis.navigator ??= { userAgent: "Node" };
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage());
  Amplify.configure(JSON.parse(await printed(folder, "poolform env -local -format amplify")));
  const username = "anna@orders.example";
  await auth.signUp({ username, password: PASSWORD, options: { userAttributes: { email: username } } });
  await auth.confirmSignUp({ username, confirmationCode: await codeFor(username, COGNITO) });
  assert.equal((await auth.signIn({ username, password: PASSWORD })).isSignedIn, true);
  const { tokens } = await auth.fetchAuthSession();
  assert.equal(tokens.idToken.payload.iss.startsWith(`${COGNITO}/`), true);
  await auth.signOut();
});

test("by plain http it is said that Amplify's redirects need TLS, and its outputs file is refused", async () => {
  const one = start(folder, "poolform env -local -format amplify >/dev/null");
  await one.ended;
  assert.match(one.said, /signInWithRedirect .* -tls/s);
  const outputs = start(folder, "poolform env -local -format amplify-outputs");
  await outputs.ended;
  assert.equal(outputs.code, 1);
  assert.equal(outputs.printed, "");
});

test("by -tls the domain answers where Amplify goes, to who trusts the certificate that is printed", async () => {
  await dev.stop();
  dev = start(folder, "poolform dev -port 9230 -tls");
  await until("the applied pool", () => dev.said.includes("Watching"));
  const { Auth } = JSON.parse(await printed(folder, "poolform env -local -format amplify"));
  // The address that Amplify makes of the domain (completeOAuthFlow).
  const address = `https://${Auth.Cognito.loginWith.oauth.domain}/oauth2/token`;
  const ask = `fetch("${address}", { method: "POST", body: new URLSearchParams({ client_id: "nobody" }) }).then((answer) => answer.text()).then(console.log)`;
  assert.match(await printed(folder, `NODE_EXTRA_CA_CERTS=.poolform/localhost.pem node -e '${ask}'`), /invalid_client/);
});
