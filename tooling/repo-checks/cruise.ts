import { cruise, type ICruiseResult } from "dependency-cruiser";
import { layerRules } from "./layer-rules.ts";

interface CruiseReport {
  /** Source files of this repository that were read. */
  readonly modules: number;
  readonly dependencies: number;
  readonly rules: number;
  /** One line each: rule, importing file, imported file. */
  readonly violations: string[];
  readonly cycles: number;
}

/** Reads every import below these folders of a repository, types included, and judges it by the layer rules. */
export async function cruiseLayers(baseDir: string, folders: readonly string[]): Promise<CruiseReport> {
  const forbidden = layerRules();
  const { output } = await cruise([...folders], {
    baseDir,
    ruleSet: { forbidden },
    validate: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    // Sources only, no build output.
    exclude: { path: String.raw`^(?:(?:packages|apps)/[^/]+|tests)/(?:dist/|coverage/|\.[a-z]+/|[^/]+\.config\.ts$)` },
    enhancedResolveOptions: {
      // Resolves other packages to their sources, as the tests do.
      conditionNames: ["millrace-source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".d.ts", ".js", ".mjs", ".json"],
    },
  });
  if (typeof output === "string") throw new Error(`dependency-cruiser reported text: ${output.slice(0, 200)}`);
  const { summary } = output;
  return {
    modules: output.modules.filter(isOwn).length,
    dependencies: summary.totalDependenciesCruised ?? 0,
    rules: forbidden.length,
    violations: summary.violations.map(({ rule, from, to, cycle = [] }) => {
      const target = cycle.length > 0 ? cycle.map(({ name }) => name).join(" → ") : to;
      return `${rule.name}: ${from} → ${target}`;
    }),
    cycles: summary.violations.filter(({ cycle = [] }) => cycle.length > 0).length,
  };
}

function isOwn({ source, coreModule, couldNotResolve }: ICruiseResult["modules"][number]): boolean {
  return coreModule !== true && couldNotResolve !== true && !source.includes("node_modules/");
}
