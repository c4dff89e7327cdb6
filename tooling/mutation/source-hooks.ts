import { readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

type Door = string | { readonly "millrace-source"?: string };

/**
 * Lets Node run the copy of the repository from its sources. `node_modules` of the copy are links into the original, so
 * without this a test would import the unmutated packages.
 * @param root Of the copy.
 */
export function runFromSources(root: string): void {
  const doors = new Map(doorsOf(root));
  const testApi = new URL("./test-api.ts", import.meta.url).href;
  registerHooks({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? "";
      if (specifier === "vitest" && from !== testApi) return { url: testApi, shortCircuit: true };
      const door = doors.get(specifier);
      if (door !== undefined) return { url: door, shortCircuit: true };
      return next(specifier.startsWith(".") && from.endsWith(".ts") ? specifier.replace(/\.js$/, ".ts") : specifier, context);
    },
  });
}

/** Every entry point of every package, by its sources in the copy. */
function doorsOf(root: string): [string, string][] {
  return readdirSync(path.join(root, "packages")).flatMap((name) => {
    const folder = path.join(root, "packages", name);
    const { exports } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { readonly exports: Record<string, Door> };
    return Object.entries(exports).flatMap(([door, target]): [string, string][] => {
      const source = typeof target === "string" ? undefined : target["millrace-source"];
      return source === undefined ? [] : [[`@millrace/${name}${door.slice(1)}`, pathToFileURL(path.join(folder, source)).href]];
    });
  });
}
