// A Cognito endpoint (COGNITO_ENDPOINT), its pools and messages, for the tests of all clients.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import { after } from "node:test";

export const endpoint = process.env.COGNITO_ENDPOINT ?? "http://127.0.0.1:9229";
export const PASSWORD = "Secret-pass-1";

/** One operation of the API, as an administrator; local servers do not verify signatures. */
export async function call(operation, body) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      authorization: "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/cognito-idp/aws4_request",
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${operation}: ${text}`);
  return text ? JSON.parse(text) : {};
}

/** A pool of a test's own, deleted in the end with its domain. */
export async function newPool(settings) {
  const { UserPool } = await call("CreateUserPool", { PoolName: "javascript", ...settings });
  pools.push(UserPool.Id);
  return UserPool.Id;
}

const pools = [];
after(async () => {
  for (const UserPoolId of pools) {
    const { UserPool } = await call("DescribeUserPool", { UserPoolId });
    if (UserPool.Domain) await call("DeleteUserPoolDomain", { UserPoolId, Domain: UserPool.Domain });
    await call("DeleteUserPool", { UserPoolId });
  }
});

/** A user with a permanent password. */
export async function newUser(UserPoolId, Username, attributes = {}) {
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  await call("AdminCreateUser", { UserPoolId, Username, UserAttributes, MessageAction: "SUPPRESS" });
  await call("AdminSetUserPassword", { UserPoolId, Username, Password: PASSWORD, Permanent: true });
}

/** What apps keep in a browser's storage. */
export function storage() {
  const kept = {};
  return {
    setItem: (name, value) => (kept[name] = value),
    getItem: (name) => kept[name] ?? null,
    removeItem: (name) => delete kept[name],
    clear: () => Object.keys(kept).forEach((name) => delete kept[name]),
  };
}

/** The code in the newest message of a pool. */
export async function code(pool) {
  const answer = await fetch(`${endpoint}/_poolform/messages?pool=${pool}`);
  return (await answer.json()).messages[0].code;
}

/** The code of an authenticator app (RFC 6238), `off` steps from now. */
export function totp(secret, off = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + off));
  const tag = createHmac("sha1", key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1000000).padStart(6, "0");
}

/** A fetch for what a browser does: a name under localhost is this machine (RFC 6761, 6.3), which Node does not know. Apps use their own. */
export function fetchByHost(url, options = {}) {
  const { host, pathname, search } = new URL(url);
  const { hostname, port } = new URL(endpoint);
  return new Promise((done, failed) => {
    const headers = { ...Object.fromEntries(new Headers(options.headers)), host };
    const request = http.request({ hostname, port, path: pathname + search, method: options.method ?? "GET", headers }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      const found = new Headers();
      for (const [name, value] of Object.entries(answer.headersDistinct)) value.forEach((one) => found.append(name, one));
      done(new Response(parts.length ? Buffer.concat(parts) : null, { status: answer.statusCode, headers: found }));
    });
    request.on("error", failed);
    request.end(options.body == null ? undefined : String(options.body));
  });
}
