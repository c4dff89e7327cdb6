/** Loaded before the engine with `--import preload.fixture.ts?defect=<name>`: changes its source as the defect says, when it is loaded. */
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { DEFECTS, type Defect } from "./defects.js";

const name = new URL(import.meta.url).searchParams.get("defect") ?? "";
const changes: readonly Defect[] = [
  ...Object.entries(DEFECTS).flatMap(([known, defect]) => (known === name ? [defect] : [])),
  {
    // Supervisors are started from the source as well: they load the same defect.
    file: "executors/src/entry.ts",
    from: 'new URL("./source-hook.ts", here).href];',
    to: `new URL("./source-hook.ts", here).href, "--import", ${JSON.stringify(import.meta.url)}];`,
  },
];
if (changes.length !== 2) throw new Error(`there is no defect '${name}'`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.startsWith("file:")) return loaded;
    const path = fileURLToPath(url);
    let source = loaded.source === undefined || loaded.source === null ? null : Buffer.from(loaded.source as Uint8Array | string).toString();
    for (const { file, from, to } of changes) {
      if (source === null || !path.endsWith(`/packages/${file}`)) continue;
      if (source.split(from).length !== 2) throw new Error(`the defect '${name}' does not fit '${file}' any more`);
      source = source.replace(from, () => to);
    }
    return source === null ? loaded : { ...loaded, source };
  },
});
