"""A server that signs users in with Authlib, and asks Cognito itself with boto3. All it knows of the pool is in .env."""

import os
import secrets
import urllib.parse

import boto3
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, render_template_string, session, url_for

HOME = "http://localhost:3002/"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Server with Authlib</title>
<h1>Server with Authlib</h1>
<p>Signed in as: <output id="who">{{ who }}</output></p>
<p>Users in the pool: <output id="users">{{ users }}</output></p>
<p><a href="/sign-in">Sign in</a> <a href="/sign-out">Sign out</a></p>
</html>"""

app = Flask(__name__)
app.secret_key = secrets.token_hex()
cognito = boto3.client("cognito-idp")
pool = OAuth(app).register(
    "pool",
    client_id=os.environ["COGNITO_CLIENT_ID"],
    client_secret=os.environ["COGNITO_CLIENT_SECRET"],
    server_metadata_url=os.environ["COGNITO_ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid email", "code_challenge_method": "S256"},
)


@app.get("/")
def home():
    users = cognito.list_users(UserPoolId=os.environ["COGNITO_USER_POOL_ID"])["Users"]
    return render_template_string(PAGE, who=session.get("email", "nobody"), users=len(users))


@app.get("/sign-in")
def sign_in():
    return pool.authorize_redirect(HOME + "callback")


@app.get("/callback")
def callback():
    token = pool.authorize_access_token()
    session["email"] = pool.userinfo(token=token)["email"]
    return redirect(url_for("home"))


@app.get("/sign-out")
def sign_out():
    """Cognito's /logout wants these two, and ends the browser's own session with Cognito."""
    session.clear()
    query = urllib.parse.urlencode({"client_id": os.environ["COGNITO_CLIENT_ID"], "logout_uri": HOME})
    return redirect(f"{os.environ['COGNITO_DOMAIN']}/logout?{query}")
