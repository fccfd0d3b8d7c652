// A Chromium that knows nothing of the world, and the pages of a pool in it.

import { existsSync, mkdirSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { chromium } from "playwright-core";
import { call, endpoint, newPool } from "./local.mjs";

/** Where the browser is sent back to: nobody listens there. */
export const CALLBACK = "http://localhost:1/back";

/** A pool with a domain and a client of pages, and where one signs in to it. */
export async function poolWithPages(settings = {}, client = {}) {
  const id = await newPool({ PoolName: "orders", AutoVerifiedAttributes: ["email"], ...settings });
  const domain = `pages-${randomUUID().slice(0, 8)}`;
  await call("CreateUserPoolDomain", { UserPoolId: id, Domain: domain });
  const { UserPoolClient } = await call("CreateUserPoolClient", {
    UserPoolId: id,
    ClientName: "web",
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: ["openid", "email"],
    CallbackURLs: [CALLBACK],
    ...client,
  });
  const at = `http://${domain}.auth.us-east-1.localhost:${new URL(endpoint).port}`;
  const wish = new URLSearchParams({
    client_id: UserPoolClient.ClientId, response_type: "code", redirect_uri: CALLBACK, state: "s",
  });
  return { id, client: UserPoolClient, at, authorize: `${at}/oauth2/authorize?${wish}` };
}

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's program: CHROMIUM, or where systems keep it. Where there is none, tests say so; in CI it must be there. */
export const program = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
export const skip = program || process.env.CI ? false : `no Chromium at ${PLACES.join(", ")}; CHROMIUM names another place`;

/** A headless browser that asks nobody else for anything. */
export function browser() {
  return chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
      // What Chromium asks its maker for by itself finds nobody; names under localhost it knows without asking.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
    ],
  });
}

// Where pictures of the pages go, when somebody wants to look at them.
const pictures = process.env.SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

/** A picture of a page under a name, where somebody wants pictures. */
export async function picture(page, name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}
