import { fileURLToPath } from "node:url";

/**
 * Command line of a program of this package that runs as its own process: `dist/<name>.js` of the built package. From source (tests of
 * this repository) Node strips the types, and a hook resolves `.js` imports to the `.ts` files.
 */
export function entryArgv(name: "forwarder" | "supervisor" | "sample-agent"): readonly [string, ...string[]] {
  const here = import.meta.url;
  if (!here.endsWith(".ts")) return [process.execPath, fileURLToPath(new URL(`./${name}.js`, here))];
  return [process.execPath, ...sourceFlags(here), fileURLToPath(new URL(`./${name}/main.ts`, here))];
}

/** Folder of everything that the programs of this package load: the packages it is installed among, or the repository it is built in. */
export function entryFolder(): string {
  const here = fileURLToPath(import.meta.url);
  const installed = here.indexOf("/node_modules/");
  return installed < 0
    ? fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "")
    : here.slice(0, installed + "/node_modules".length);
}

function sourceFlags(here: string): readonly string[] {
  return ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", new URL("./source-hook.ts", here).href];
}
