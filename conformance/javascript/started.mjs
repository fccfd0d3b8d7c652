// Programs that tests start, as a user starts them, and end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** The folder of the program `poolform`, unless it is on PATH. */
export const path = [process.env.POOLFORM_FOLDER, process.env.PATH].filter(Boolean).join(":");
/** The folder of the examples, with what they need from npm and PyPI installed where the network is closed. */
export const examples = process.env.EXAMPLES ?? new URL("../../examples/", import.meta.url).pathname;
/** Installing may take its time on a machine where an example's second command is run for the first time. */
const PATIENCE = process.env.CI ? 60_000 : 180_000;

/** Asks until there is an answer. */
export async function until(what, ask) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(100)) {
    const found = await ask();
    if (found) return found;
  }
  assert.fail(`${what} did not come`);
}

/** Starts a command in a folder; everything it starts ends with it. */
export function start(folder, command) {
  const stdio = ["ignore", "pipe", "pipe"];
  const child = spawn("sh", ["-c", command], { cwd: folder, detached: true, env: { ...process.env, PATH: path }, stdio });
  const ended = new Promise((done) => child.on("close", done));
  const running = {
    said: "",
    printed: "",
    ended,
    async stop() {
      if (running.code === undefined) process.kill(-child.pid, "SIGTERM");
      await ended;
    },
  };
  child.stdout.on("data", (text) => (running.printed += text));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (running.said += text));
  child.on("exit", (code) => (running.code = code));
  return running;
}

/** What a command prints on standard output. */
export async function printed(folder, command) {
  const one = start(folder, command);
  await one.ended;
  assert.equal(one.code, 0, one.said);
  return one.printed;
}

/** The code of the newest message to somebody, from a local Cognito. */
export async function codeFor(to, cognito) {
  const address = `${cognito}/_poolform/messages?to=${encodeURIComponent(to)}`;
  return until(`a code for ${to}`, async () => (await (await fetch(address)).json()).messages[0]?.code);
}
