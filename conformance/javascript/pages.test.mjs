// Every page that a person sees, in a real browser: by keyboard, on a phone, without faults of accessibility.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { CALLBACK, browser, picture, poolWithPages, skip } from "./browser.mjs";
import { PASSWORD, call, code, endpoint, newUser, totp } from "./local.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ANNA = { email: "anna@orders.example", email_verified: "true" };
const PHONE = { width: 360, height: 640 };

let chromium;

/** A page of a phone's size, in a context of its own, that notes what it asks of whom, and what the console says. */
async function open(address, options = {}) {
  // The pages forbid scripts; the inspection of accessibility is one.
  const context = await chromium.newContext({ viewport: PHONE, bypassCSP: true, ...options });
  const page = await context.newPage();
  page.asked = [];
  page.said = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => page.said.push(message.text()));
  await page.goto(address);
  return page;
}

/** What must hold of each page. */
async function inspect(page, name) {
  await picture(page, name);
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`), [], name);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wider <= 0, `${name} is ${wider} pixels wider than a phone`);
  const own = new URL(page.url()).host;
  assert.deepEqual(page.asked.filter((url) => !["data:", "blob:"].includes(new URL(url).protocol) && new URL(url).host !== own), [], `${name} asks others`);
}

const heading = (page) => page.locator("h1").innerText();
const alert = (page) => page.getByRole("alert").innerText();
const status = (page) => page.getByRole("status").innerText();

/** Waits until the browser is sent back to the app, where nobody listens; the code that it brings. */
async function back(page, act) {
  const sent = page.waitForRequest((request) => request.url().startsWith(CALLBACK));
  await act();
  const url = new URL((await sent).url());
  assert.equal(url.searchParams.get("state"), "s");
  return url.searchParams.get("code");
}

/** Types where the focus is, and presses Enter in the end: no mouse. */
async function type(page, ...texts) {
  // A page takes the focus to its first field once it is drawn; what is typed before that is lost.
  await page.locator("input:focus").waitFor();
  for (const [at, text] of texts.entries()) {
    if (at > 0) await page.keyboard.press("Tab");
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
}

describe("pages", { skip }, () => {
before(async () => {
  chromium = await browser();
});
after(() => chromium.close());

test("signing in, by keyboard alone", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "anna", ANNA);
  const page = await open(orders.authorize);
  assert.equal(await heading(page), "Sign in");
  await inspect(page, "sign-in");
  await Promise.all([page.waitForNavigation(), type(page, "anna", "wrong")]);
  assert.equal(await alert(page), "Incorrect username or password.");
  assert.equal(await page.getByLabel("User name").inputValue(), "anna");
  await inspect(page, "sign-in-refused");
  await page.getByLabel("User name").fill("");
  await page.getByLabel("User name").focus();
  assert.match(await back(page, () => type(page, "anna", PASSWORD)), /^[0-9a-f-]{36}$/);
});

test("the pages work where their own policy is in force", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "anna", ANNA);
  const page = await open(orders.authorize, { bypassCSP: false });
  assert.ok(await back(page, () => type(page, "anna", PASSWORD)));
  assert.deepEqual(page.said.filter((text) => /policy/i.test(text)), []);
});

test("signing up, with a code", async () => {
  const orders = await poolWithPages({ Policies: { PasswordPolicy: { MinimumLength: 10, RequireNumbers: true } } });
  const page = await open(orders.authorize);
  await page.getByRole("link", { name: "Create an account" }).click();
  await inspect(page, "sign-up");
  assert.equal(await page.getByLabel("E-mail address").getAttribute("type"), "email");
  await page.getByLabel("User name").fill("bert");
  await page.getByLabel("E-mail address").fill("bert@orders.example");
  // All that the pool asks is said while it is typed against, and again where a browser sends it all the same.
  const password = page.getByLabel("New password");
  await password.fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await password.evaluate((field) => field.validity.patternMismatch), true);
  assert.equal(await password.getAttribute("title"), "At least 10 characters, a digit");
  await password.evaluate((field) => (field.form.noValidate = true));
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await alert(page), "Password not long enough\nPassword must have numeric characters");
  // What was typed right is kept; the focus is where something is missing.
  assert.equal(await page.locator("input:focus").getAttribute("name"), "password");
  await inspect(page, "sign-up-refused");
  await page.getByLabel("New password").fill("long enough 1");
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await heading(page), "Confirm your account");
  await inspect(page, "confirm");
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Send another code" }).click();
  assert.match(await status(page), /Another code/);
  await page.getByLabel("Code").fill(await code(orders.id));
  assert.ok(await back(page, () => page.getByRole("button", { name: "Confirm" }).click()));
});

test("a lost password", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "anna", ANNA);
  const page = await open(orders.authorize);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await inspect(page, "forgot-password");
  await page.getByLabel("User name").fill("anna");
  await page.getByRole("button", { name: "Send a code" }).click();
  assert.match(await status(page), /a\*\*\*@o\*\*\*/);
  await inspect(page, "new-password");
  await page.getByLabel("Code").fill(await code(orders.id));
  await page.getByLabel("New password").fill("Another-pass-2");
  await page.getByRole("button", { name: "Change password" }).click();
  assert.match(await status(page), /has been changed/);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password", { exact: true }).fill("Another-pass-2");
  assert.ok(await back(page, () => page.getByRole("button", { name: "Sign in" }).click()));
});

test("setting up an authenticator app by its QR code", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "anna", ANNA);
  await call("SetUserPoolMfaConfig", {
    UserPoolId: orders.id, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  const page = await open(orders.authorize);
  await Promise.all([page.waitForNavigation(), type(page, "anna", PASSWORD)]);
  assert.equal(await heading(page), "Set up an authenticator app");
  await inspect(page, "mfa-setup");
  const image = PNG.sync.read(await page.locator(".qr").screenshot());
  const read = jsQR(new Uint8ClampedArray(image.data), image.width, image.height);
  assert.ok(read, "an app's camera would read it");
  const app = new URL(read.data);
  const secret = app.searchParams.get("secret");
  assert.equal(read.data, `otpauth://totp/orders:anna?secret=${secret}&issuer=orders`);
  assert.equal(await page.locator("code").innerText(), secret);
  const used = totp(secret);
  assert.ok(await back(page, () => type(page, used)));
  // The next browser is asked for a code of the app.
  const other = await open(orders.authorize);
  await Promise.all([other.waitForNavigation(), type(other, "anna", PASSWORD)]);
  assert.equal(await heading(other), "Enter the code");
  await inspect(other, "mfa-code");
  await Promise.all([other.waitForNavigation(), type(other, used)]);
  assert.match(await alert(other), /already been used/);
  assert.ok(await back(other, () => type(other, totp(secret, 1))));
});

test("a first password, and the choice of a second factor", async () => {
  const orders = await poolWithPages({ SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "x" } });
  await newUser(orders.id, "anna", { ...ANNA, phone_number: "+15555550100" });
  const who = { UserPoolId: orders.id, Username: "anna" };
  await call("AdminSetUserPassword", { ...who, Password: "Temporary-1", Permanent: false });
  const page = await open(orders.authorize);
  await Promise.all([page.waitForNavigation(), type(page, "anna", "Temporary-1")]);
  assert.equal(await heading(page), "Choose a new password");
  await inspect(page, "first-password");
  assert.ok(await back(page, () => type(page, PASSWORD)));
});

test("somebody from another pool", async () => {
  const theirs = await poolWithPages({ PoolName: "partner" }, { GenerateSecret: true, AllowedOAuthScopes: ["openid", "email", "profile"] });
  await newUser(theirs.id, "anna", ANNA);
  const ours = await poolWithPages();
  await call("UpdateUserPoolClient", {
    UserPoolId: theirs.id, ClientId: theirs.client.ClientId, CallbackURLs: [`${ours.at}/oauth2/idpresponse`],
    AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["openid", "email", "profile"],
  });
  await call("CreateIdentityProvider", {
    UserPoolId: ours.id, ProviderName: "Partner", ProviderType: "OIDC", AttributeMapping: { email: "email" },
    ProviderDetails: {
      client_id: theirs.client.ClientId, client_secret: theirs.client.ClientSecret, authorize_scopes: "openid email profile",
      oidc_issuer: `${endpoint}/${theirs.id}`, attributes_request_method: "GET",
    },
  });
  await call("UpdateUserPoolClient", {
    UserPoolId: ours.id, ClientId: ours.client.ClientId, SupportedIdentityProviders: ["COGNITO", "Partner"],
    CallbackURLs: [CALLBACK], AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["openid"],
  });
  const page = await open(ours.authorize);
  await inspect(page, "sign-in-with-provider");
  await page.getByRole("link", { name: "Continue with Partner" }).click();
  await page.waitForURL(`${theirs.at}/login**`);
  assert.ok(await back(page, () => type(page, "anna", PASSWORD)));
  const { Users } = await call("ListUsers", { UserPoolId: ours.id });
  assert.equal(Users[0].UserStatus, "EXTERNAL_PROVIDER");
});

test("what does not hold has a page that says so", async () => {
  const orders = await poolWithPages();
  const page = await open(orders.authorize.replace("back", "elsewhere"));
  assert.match(await alert(page), /redirect_uri is not among/);
  await inspect(page, "error");
});

test("the inspector on a phone", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "a-user-with-a-rather-long-name", ANNA);
  const wrong = { AuthFlow: "USER_PASSWORD_AUTH", ClientId: orders.client.ClientId, AuthParameters: { USERNAME: "nobody", PASSWORD } };
  await assert.rejects(call("InitiateAuth", wrong));
  await assert.rejects(call("DescribeUserPool", { UserPoolId: "us-east-1_Nobody000" }));
  const page = await open(`${endpoint}/_poolform/`);
  assert.deepEqual(page.viewportSize(), PHONE);
  /** Ids are read, and copied, in one piece. */
  const whole = async (id) => {
    const lines = await page.locator("code", { hasText: id }).first().evaluate((code) => new Set([...code.getClientRects()].map((one) => one.top)).size);
    assert.equal(lines, 1, id);
  };
  await inspect(page, "inspector-phone");
  await whole(orders.id);
  const refused = page.locator("tr.bad", { hasText: "Nobody000" }).first();
  assert.match(await refused.innerText(), /Refused ResourceNotFoundException/);
  await page.goto(`${endpoint}/_poolform/pools/${orders.id}`);
  await inspect(page, "inspector-pool-phone");
  await whole(orders.client.ClientId);
});

test("the inspector, the inbox, the clock and the reset", async () => {
  const orders = await poolWithPages();
  await newUser(orders.id, "anna", ANNA);
  await call("SignUp", {
    ClientId: orders.client.ClientId, Username: "bert", Password: PASSWORD,
    UserAttributes: [{ Name: "email", Value: "bert@orders.example" }],
  });
  const page = await open(`${endpoint}/_poolform/`, { viewport: { width: 1100, height: 800 } });
  await inspect(page, "inspector");
  await page.locator("tr", { hasText: orders.id }).getByRole("link").click();
  await inspect(page, "inspector-pool");
  assert.ok(await page.getByText("bert@orders.example").isVisible());
  const [signIn] = await Promise.all([page.waitForEvent("requestfinished"), page.getByRole("link", { name: "Sign in" }).click()]);
  assert.match(signIn.url(), /oauth2\/authorize/);
  page.asked.length = 0;
  await page.goto(`${endpoint}/_poolform/inbox?pool=${orders.id}`);
  await inspect(page, "inbox");
  await page.getByLabel("Address, number or user").fill("bert");
  await page.getByRole("button", { name: "Show" }).click();
  assert.equal(await page.locator("article").count(), 1);
  assert.equal(await page.locator("article code").innerText(), await code(orders.id));
  await page.goto(`${endpoint}/_poolform/pools/${orders.id}`);
  await page.getByRole("button", { name: "Remove these users" }).click();
  assert.equal(page.url(), `${endpoint}/_poolform/pools/${orders.id}`);
  assert.equal((await call("ListUsers", { UserPoolId: orders.id })).Users.length, 0);
  await page.goto(`${endpoint}/_poolform/`);
  assert.ok(await page.getByLabel("Move it forward").isVisible());
});
});
