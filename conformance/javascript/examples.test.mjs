// The apps of examples/, each started by the two commands of its own README, and a person in a browser on another origin.
// Nothing is patched: names are resolved as the machine does, settings are what `poolform env` prints.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { browser, picture, skip } from "./browser.mjs";
import { codeFor, examples, printed, start, until } from "./started.mjs";

/** Where `poolform dev` serves. */
const COGNITO = "http://127.0.0.1:9229";
const PASSWORD = "Secret-pass-of-20-letters";

/** The commands of an example's README, and where its app is. */
function readme(name) {
  const text = readFileSync(`${examples}/${name}/README.md`, "utf8");
  const commands = [...text.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command);
  const [home] = text.match(/http:\/\/localhost:\d+\//);
  return { commands, home };
}

const answers = (address) => fetch(address).then((answer) => answer.ok, () => false);

for (const name of ["browser-app", "node-server", "python-server"]) {
  describe(`examples/${name}`, { skip }, () => {
    const { commands, home } = readme(name);
    const running = [];
    let chromium, page;
    const left = [];

    before(async () => {
      assert.equal(commands.length, 2, "two commands");
      rmSync(`${examples}/${name}/.poolform`, { recursive: true, force: true });
      for (const [command, address] of [[commands[0], `${COGNITO}/health`], [commands[1], home]]) {
        const one = start(`${examples}/${name}`, command);
        running.push(one);
        await until(`${address} by \`${command}\``, async () => {
          assert.equal(one.code, undefined, one.said);
          return answers(address);
        });
        if (one === running[0]) await until("the applied pool", () => one.said.includes("Watching"));
      }
      chromium = await browser();
      page = await (await chromium.newContext()).newPage();
      page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        const here = protocol === "data:" || hostname === "127.0.0.1" || hostname === "localhost" || hostname.endsWith(".localhost");
        if (!here) left.push(request.url());
      });
    });

    after(async () => {
      await chromium?.close();
      for (const one of running.reverse()) await one.stop();
      rmSync(`${examples}/${name}/.poolform`, { recursive: true, force: true });
    });

    const who = () => page.locator("#who").textContent();
    const press = (words) => page.getByRole(name === "browser-app" ? "button" : "link", { name: words, exact: true }).click();

    async function begin() {
      await press("Sign in");
      // Auth.js asks which provider is meant.
      if (name === "node-server") await page.getByRole("button", { name: "Sign in with Cognito" }).click();
    }

    test("a new user signs up on the pool's page and is signed in to the app", async () => {
      await page.goto(home);
      assert.equal(await who(), "nobody");
      await begin();
      await page.waitForURL((url) => url.hostname === `${name}.auth.eu-west-1.localhost`);
      await page.getByRole("link", { name: "Create an account" }).click();
      await page.getByLabel("E-mail address").fill("anna@orders.example");
      await page.getByLabel("New password").fill(PASSWORD);
      await page.getByRole("button").click();
      await page.getByLabel(/code/i).fill(await codeFor("anna@orders.example", COGNITO));
      await page.getByRole("button").first().click();
      await page.waitForURL((url) => url.origin === new URL(home).origin);
      await until("the user", async () => (await who()) === "anna@orders.example");
      await picture(page, `example-${name}`);
    });

    if (name === "browser-app") {
      test("user info, renewal, revocation", async () => {
        const shown = (part) => until(part, async () => (await page.locator("#shown").textContent()).includes(part));
        await press("User info");
        await shown('"email": "anna@orders.example"');
        await press("Renew");
        await shown("renewed, good for 3");
        await press("Revoke");
        await shown("revoked");
        await press("Renew");
        await shown("Error");
      });
    } else {
      test("the server asks Cognito itself", async () => {
        assert.equal(await page.locator("#users").textContent(), "1");
      });
    }

    test("signing out ends the session with Cognito too", async () => {
      if (name === "node-server") {
        await press("Sign out");
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL(home);
        await press("Sign out of Cognito too");
      } else {
        await press("Sign out");
      }
      await page.waitForURL(home);
      await until("nobody", async () => (await who()) === "nobody");
      await begin();
      await page.getByLabel("Password").waitFor();
      // And an account that is there signs in.
      await page.getByLabel("E-mail address").fill("anna@orders.example");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button").click();
      await page.waitForURL((url) => url.origin === new URL(home).origin);
      await until("the user", async () => (await who()) === "anna@orders.example");
    });

    if (name === "browser-app") {
      test("the README's own requests are answered", async () => {
        const commands = readFileSync(`${examples}/../README.md`, "utf8").match(/(?<=^\$ )curl .*$/gm);
        assert.ok(commands.length >= 4);
        for (const command of commands) {
          const answer = JSON.parse(await printed(examples, command));
          if (command.includes("messages")) assert.equal(answer.messages[0].to, "anna@orders.example");
          if (command.includes("clock")) assert.ok(Date.parse(answer.now) > Date.now() + 3_000_000);
          if (command.includes("reset")) assert.equal(answer.pools.length, 1);
        }
      });
    }

    test("nothing was asked of another machine", () => assert.deepEqual(left, []));
  });
}
