/** Adding a thing to a copy of this repository: reads, plans, writes, formats. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { planOf, type Plan, type Sources } from "./plan.logic.ts";
import { ScaffoldError, type Thing } from "./thing.ts";
import { things } from "./things/index.ts";

const TEMPLATES = path.join(import.meta.dirname, "templates");

/** @throws ScaffoldError `what_unknown`. */
export function thingNamed(what: string): Thing {
  const thing = things.find((one) => one.what === what);
  if (thing !== undefined) return thing;
  const known = things.map((one) => one.what).join(", ");
  throw new ScaffoldError("what_unknown", `there is nothing to add that is called '${what}'`, `Use one of: ${known}.`);
}

/** Texts of the repository at `root`, and the templates of this thing. */
export function sourcesOf(root: string, thing: Thing): Sources {
  return {
    file: (name) => (existsSync(path.join(root, name)) ? readFileSync(path.join(root, name), "utf8") : null),
    template: (name) => readFileSync(path.join(TEMPLATES, thing.what, `${name}.ts.template`), "utf8"),
  };
}

/**
 * Adds one thing to the repository at `root`, formatted as everything else there.
 *
 * @throws ScaffoldError when it cannot be added; nothing was written then.
 */
export function addThing(root: string, what: string, name: string): Plan {
  const thing = thingNamed(what);
  const plan = planOf(thing, name, sourcesOf(root, thing));
  for (const [file, text] of plan.writes) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  const formatted = spawnSync(path.join(root, "node_modules/.bin/oxfmt"), [...plan.writes.keys()], { cwd: root, encoding: "utf8" });
  if (formatted.status !== 0)
    throw new Error(`oxfmt refused what was written:\n${formatted.stdout}${formatted.stderr}`, { cause: formatted.error });
  return plan;
}
