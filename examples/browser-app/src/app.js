// A page that signs users in by code with PKCE, with oidc-client-ts.

import { UserManager } from "oidc-client-ts";
import settings from "./cognito.json";

const users = new UserManager({ ...settings, automaticSilentRenew: true });

const show = (text) => (document.querySelector("#shown").textContent = text);

async function refresh() {
  const user = await users.getUser();
  document.querySelector("#who").textContent = user && !user.expired ? user.profile.email : "nobody";
}

function on(button, act) {
  document.querySelector(`#${button}`).addEventListener("click", async () => {
    try {
      await act();
    } catch (error) {
      show(String(error));
    }
    await refresh();
  });
}

on("sign-in", () => users.signinRedirect());

on("renew", async () => {
  const user = await users.signinSilent();
  show(`renewed, good for ${user.expires_in} s`);
});

on("user-info", async () => {
  const { access_token } = await users.getUser();
  const address = await users.metadataService.getUserInfoEndpoint();
  const answer = await fetch(address, { headers: { authorization: `Bearer ${access_token}` } });
  show(JSON.stringify(await answer.json(), null, 2));
});

on("revoke", async () => {
  await users.revokeTokens(["refresh_token"]);
  show("revoked");
});

// Cognito's /logout does not read post_logout_redirect_uri; it wants these two.
on("sign-out", () =>
  users.signoutRedirect({
    extraQueryParams: { client_id: settings.client_id, logout_uri: settings.post_logout_redirect_uri },
  }),
);

// Back from Cognito.
if (new URLSearchParams(location.search).has("state")) {
  try {
    await users.signinCallback();
  } catch (error) {
    show(String(error));
  }
  history.replaceState(null, "", "/");
}
await refresh();
