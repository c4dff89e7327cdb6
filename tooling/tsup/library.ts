import type { Options } from "tsup";

interface LibraryOptions {
  /** Public doors: `name -> source`. Each becomes `dist/<name>.js` with declarations, and needs an entry in `exports`. */
  readonly doors: Readonly<Record<string, string>>;
  /** Programs started by path, never imported: bundled without declarations. */
  readonly programs?: Readonly<Record<string, string>>;
  /** `neutral` for packages that run in Node, workerd and a browser. */
  readonly platform?: "node" | "neutral";
  /** Dependencies whose browser build becomes part of the bundle, because the one they give to everybody needs Node. */
  readonly browserBuilds?: readonly string[];
}

/** One bundle per door, ESM only. Dependencies stay external, but for `browserBuilds`. */
export function library({ doors, programs = {}, platform = "node", browserBuilds = [] }: LibraryOptions): Options {
  return {
    entry: { ...doors, ...programs },
    format: ["esm"],
    target: "node22",
    platform,
    outDir: "dist",
    // A watcher or a parallel reader never sees an empty dist: stale chunks are removed by tsup itself.
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: false,
    tsconfig: "tsconfig.build.json",
    dts: Object.keys(doors).length > 0 ? { entry: { ...doors } } : false,
    noExternal: [...browserBuilds],
    esbuildOptions: (options) => {
      // Nothing else is resolved that has such a condition: every other dependency is external.
      if (browserBuilds.length > 0) options.conditions = ["browser", ...(options.conditions ?? [])];
    },
    // Keeps `node:sqlite`, which exists only under its prefix.
    removeNodeProtocol: false,
  };
}
