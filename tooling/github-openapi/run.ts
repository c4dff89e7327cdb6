/**
 * Cuts the operations Millrace uses out of GitHub's published OpenAPI description and writes them, as JSON Schema, to
 * `tests/fixtures/github/openapi.json`. The description itself is 12 MB in a package of 385 MB, so it is no dependency:
 *
 *   npm pack @octokit/openapi@23.0.2, unpack, node tooling/github-openapi/run.ts FOLDER/generated/api.github.com.json
 *
 * Add an operation to the list when the adapter or the stand-in uses one more.
 */
import { readFileSync, writeFileSync } from "node:fs";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

const OPERATIONS = [
  "GET /repos/{owner}/{repo}",
  "GET /repos/{owner}/{repo}/branches/{branch}",
  "GET /repos/{owner}/{repo}/rules/branches/{branch}",
  "GET /repos/{owner}/{repo}/git/ref/{ref}",
  "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
  "DELETE /repos/{owner}/{repo}/git/refs/{ref}",
  "GET /repos/{owner}/{repo}/git/commits/{commit_sha}",
  "POST /repos/{owner}/{repo}/git/commits",
  "GET /repos/{owner}/{repo}/pulls",
  "POST /repos/{owner}/{repo}/pulls",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}",
  "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
  "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch",
  "GET /repos/{owner}/{repo}/compare/{basehead}",
  "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
  "GET /repos/{owner}/{repo}/commits/{ref}/status",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
  "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
  "GET /repos/{owner}/{repo}/hooks",
  "GET /repos/{owner}/{repo}/installation",
  "POST /app/installations/{installation_id}/access_tokens",
  "GET /app",
] as const;
const TARGET = new URL("../../tests/fixtures/github/openapi.json", import.meta.url);
/** Prose, which is most of it. */
const DROPPED = new Set([
  "description",
  "example",
  "examples",
  "summary",
  "externalDocs",
  "title",
  "tags",
  "deprecated",
  "default",
  "operationId",
]);

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("name the file api.github.com.json of @octokit/openapi");
const whole = JSON.parse(readFileSync(source, "utf8")) as JsonObject;
const info = at(whole, "info");
const wanted: string[] = [];
const components: { [kind: string]: JsonObject } = {};
const paths: { [path: string]: JsonObject } = {};

for (const operation of OPERATIONS) {
  const [method = "", path = ""] = operation.split(" ");
  const { parameters = [], requestBody = null, responses = {} } = at(at(at(whole, "paths"), path), method.toLowerCase());
  const kept = { parameters, responses, ...(requestBody === null ? {} : { requestBody }) };
  paths[path] = { ...paths[path], [method.toLowerCase()]: trim(kept, "operation") };
}
for (let ref = wanted.pop(); ref !== undefined; ref = wanted.pop()) {
  const [, , kind = "", name = ""] = ref.split("/");
  const known = (components[kind] ??= {});
  if (known[name] === undefined) known[name] = trim(at(at(at(whole, "components"), kind), name), kind);
}
const { title = "", version = "", license = "" } = info;
writeFileSync(TARGET, `${JSON.stringify({ info: { title, version, license }, paths, components })}\n`);
console.log(`${String(OPERATIONS.length)} operations, ${String(Object.keys(components["schemas"] ?? {}).length)} schemas`);

function at(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(`the description has no ${name}`);
  return found;
}

/** Without prose, references collected, `nullable` as JSON Schema says it. `inside` is the name of what it is a value of. */
function trim(value: Json, inside: string): Json {
  if (Array.isArray(value)) return value.map((one) => trim(one, inside));
  if (typeof value !== "object" || value === null) return value;
  const kept: JsonObject = {};
  for (const [name, one] of Object.entries(value)) {
    if (inside !== "properties" && (DROPPED.has(name) || name.startsWith("x-") || name === "nullable")) continue;
    if (name === "$ref" && typeof one === "string") wanted.push(one);
    kept[name] = trim(one, name);
  }
  return inside !== "properties" && value["nullable"] === true ? orNull(kept) : kept;
}

function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: "null" }] };
}
