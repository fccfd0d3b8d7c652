// A server that signs users in with Auth.js, and asks Cognito itself with the AWS SDK. All it knows of the pool is in .env.

import { randomBytes } from "node:crypto";
import { ExpressAuth, getSession } from "@auth/express";
import Cognito from "@auth/express/providers/cognito";
import { CognitoIdentityProviderClient, ListUsersCommand } from "@aws-sdk/client-cognito-identity-provider";
import express from "express";

const { COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, COGNITO_DOMAIN, COGNITO_ISSUER, COGNITO_USER_POOL_ID } = process.env;
const PORT = 3001;
const HOME = `http://localhost:${PORT}/`;

const auth = {
  providers: [
    Cognito({
      clientId: COGNITO_CLIENT_ID,
      clientSecret: COGNITO_CLIENT_SECRET,
      issuer: COGNITO_ISSUER,
      checks: ["pkce", "state", "nonce"],
      // Auth.js would load one from its makers' site.
      style: { logo: "" },
    }),
  ],
  secret: process.env.AUTH_SECRET ?? randomBytes(32).toString("hex"),
  trustHost: true,
};

const cognito = new CognitoIdentityProviderClient();
const app = express();
// Auth.js takes its own part of the path from the first group.
app.use(/^\/auth\/(.*)/, ExpressAuth(auth));

app.get("/", async (request, response) => {
  const session = await getSession(request, auth);
  const { Users } = await cognito.send(new ListUsersCommand({ UserPoolId: COGNITO_USER_POOL_ID }));
  const who = (session?.user?.email ?? "nobody").replace(/[<&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  response.send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Server with Auth.js</title>
<h1>Server with Auth.js</h1>
<p>Signed in as: <output id="who">${who}</output></p>
<p>Users in the pool: <output id="users">${Users.length}</output></p>
<p><a href="/auth/signin">Sign in</a> <a href="/auth/signout">Sign out</a> <a href="/bye">Sign out of Cognito too</a></p>
</html>`);
});

// The browser's own session with Cognito ends at the domain. Cognito's /logout wants these two.
app.get("/bye", (request, response) => {
  const query = new URLSearchParams({ client_id: COGNITO_CLIENT_ID, logout_uri: HOME });
  response.redirect(`${COGNITO_DOMAIN}/logout?${query}`);
});

app.listen(PORT, () => console.log(`At ${HOME}`));
