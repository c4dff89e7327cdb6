/** Loaded with `--import` before the engine (`preloadOf`): changes its source as the defect in its own URL says, when it is loaded. */
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Change } from "./defects.js";

const defect = new URL(import.meta.url).searchParams;
const changes: readonly Change[] = [
  ...(JSON.parse(defect.get("changes") ?? "[]") as readonly Change[]),
  {
    // Supervisors are started from the source as well: they load the same defect.
    file: "executors/src/entry.ts",
    from: 'new URL("./source-hook.ts", here).href];',
    to: `new URL("./source-hook.ts", here).href, "--import", ${JSON.stringify(import.meta.url)}];`,
  },
];

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.startsWith("file:")) return loaded;
    const path = fileURLToPath(url);
    let source =
      loaded.source === undefined || loaded.source === null ? null : Buffer.from(loaded.source as Uint8Array | string).toString();
    for (const { file, from, to } of changes) {
      if (source === null || !path.endsWith(`/packages/${file}`)) continue;
      if (source.split(from).length !== 2) throw new Error(`the defect '${String(defect.get("name"))}' does not fit '${file}' any more`);
      source = source.replace(from, () => to);
    }
    return source === null ? loaded : { ...loaded, source };
  },
});
