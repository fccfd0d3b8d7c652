// Runs a function of Node's: takes events from the runtime API, calls the handler, gives back what it answers.
import http from "node:http";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: root, _HANDLER: name } = process.env;

function ask(method, where, body) {
  const [host, port] = api.split(":");
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: `/2018-06-01/runtime/${where}`, headers: { "content-type": "application/json" } };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function told(error) {
  if (error instanceof Error) {
    return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") });
  }
  return JSON.stringify({ errorType: typeof error, errorMessage: typeof error === "string" ? error : JSON.stringify(error) ?? "undefined", trace: [] });
}

// `src/index.handler`: the file up to the first dot of its last part, and the way to the function in it.
async function load() {
  const folder = path.dirname(name);
  const [file, ...way] = path.basename(name).split(".");
  const wanted = path.resolve(root, folder, file);
  const found = [".js", ".mjs", ".cjs"].map((ending) => wanted + ending).find(existsSync);
  if (!found) {
    const typescript = [".ts", ".mts"].map((ending) => wanted + ending).find(existsSync);
    if (typescript) throw new Error(`${path.relative(root, typescript)} is TypeScript, and there is no output of a build beside it. Build it, and name the folder of the output.`);
    const here = existsSync(path.dirname(wanted)) ? readdirSync(path.dirname(wanted)).slice(0, 10).join(", ") : "no such folder";
    throw new Error(`Cannot find module '${file}' (handler ${name}) in ${path.dirname(wanted)}: ${here}`);
  }
  const module = await import(pathToFileURL(found).href);
  const at = (start) => way.reduce((value, step) => value?.[step], start);
  const handler = at(module) ?? at(module.default);
  if (typeof handler !== "function") throw new Error(`${name} is not a function that ${path.basename(found)} exports`);
  return handler;
}

function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    Object.assign(context, { done, succeed: resolve, fail: reject });
    const returned = handler(event, context, done);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    // What a function that is not async returns, Lambda does not look at.
    else if (handler.length < 3) setImmediate(() => resolve(null));
  });
}

// Closed when poolform ends, however it ends.
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();

let handler;
try {
  handler = await load();
} catch (error) {
  console.error(error);
  await ask("POST", "init/error", told(error));
  process.exit(1);
}
for (;;) {
  const next = await ask("GET", "invocation/next");
  const id = next.headers["lambda-runtime-aws-request-id"];
  const deadline = Number(next.headers["lambda-runtime-deadline-ms"]);
  const context = {
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    getRemainingTimeInMillis: () => deadline - Date.now(),
    invokedFunctionArn: next.headers["lambda-runtime-invoked-function-arn"],
    logGroupName: `/aws/lambda/${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
    logStreamName: "local",
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  };
  try {
    const result = await call(handler, JSON.parse(next.text), context);
    await ask("POST", `invocation/${id}/response`, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    console.error(error);
    await ask("POST", `invocation/${id}/error`, told(error));
  }
}
