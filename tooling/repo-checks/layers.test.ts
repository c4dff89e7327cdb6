import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cruiseLayers } from "./cruise.ts";
import { LAYERS, layerRules } from "./layer-rules.ts";

/** Each file of a small repository, with the names of the rules that its imports break. */
interface File {
  readonly imports: readonly string[];
  readonly breaks?: readonly string[];
}

const engine = (file: string): string => `packages/orchestration/src/${file}`;

const FILES: Readonly<Record<string, File>> = {
  "packages/contracts/src/index.ts": { imports: ["zod"] },
  "packages/kernel/src/index.ts": { imports: ["@millrace/contracts"] },
  "packages/agents/src/index.ts": { imports: ["@millrace/kernel"] },
  "packages/executors/src/index.ts": { imports: ["node:fs"] },
  "packages/testing/src/index.ts": { imports: [] },
  "apps/cli/src/main.ts": { imports: ["@millrace/orchestration"] },

  // Between packages.
  "packages/kernel/src/upwards.ts": { imports: ["@millrace/agents"], breaks: ["kernel-packages"] },
  "packages/kernel/src/typed-upwards.ts": { imports: ["type @millrace/agents"], breaks: ["kernel-packages"] },
  "packages/agents/src/sdk.ts": { imports: ["ai"], breaks: ["agents-libraries"] },
  "packages/agents/src/host.ts": { imports: ["node:fs"], breaks: ["agents-web-standards"] },
  "packages/agents/src/host.test.ts": { imports: ["node:fs", "vitest"] },
  "packages/agents/src/sdk.test.ts": { imports: ["ai"], breaks: ["agents-libraries-in-tests"] },
  "apps/cli/src/lying.ts": { imports: ["@millrace/testing"], breaks: ["cli-packages"] },
  "apps/cli/src/lying.test.ts": { imports: ["@millrace/testing", "vitest"] },
  "packages/testing/src/deep.ts": { imports: ["../../kernel/src/index.js"], breaks: ["inside-src"] },
  "packages/testing/src/nothing.ts": { imports: ["./not-there.js"], breaks: ["resolvable"] },
  "packages/testing/src/published.ts": { imports: ["./some.fixture.js"], breaks: ["not-a-test"] },
  "packages/testing/src/some.fixture.ts": { imports: ["vitest"] },
  "tests/src/whole.test.ts": { imports: ["@millrace/testing", "@millrace/kernel", "vitest"] },

  // Inside orchestration.
  [engine("index.ts")]: { imports: ["./compose.js"] },
  [engine("compose.ts")]: {
    imports: ["./platform/ports.js", "./modules/board/index.js", "./modules/reviews/index.js", "./run/turn/turn.js"],
  },
  [engine("platform/ports.ts")]: { imports: ["@millrace/kernel", "type ../run/model/step-kind.js"] },
  [engine("platform/upwards.ts")]: { imports: ["../run/model/step-kind.js"], breaks: ["platform-below-run"] },
  [engine("run/model/step-kind.ts")]: { imports: ["@millrace/contracts"] },
  [engine("run/model/shell.ts")]: { imports: ["type ../turn/turn.js"], breaks: ["decision-below-shell"] },
  [engine("run/turn/turn.ts")]: { imports: ["../../platform/ports.js", "../decide/decide.logic.js"] },
  [engine("run/turn/module.ts")]: { imports: ["type ../../modules/board/board.logic.js"], breaks: ["run-below-modules"] },
  [engine("run/decide/decide.logic.ts")]: { imports: ["../rules/budget.logic.js", "../model/step-kind.js", "ts-pattern"] },
  [engine("run/rules/budget.logic.ts")]: { imports: ["@millrace/contracts", "@millrace/kernel", "../model/step-kind.js"] },
  [engine("run/rules/driven.logic.ts")]: { imports: ["type ../decide/decide.logic.js"], breaks: ["rules-are-leaves"] },
  [engine("steps/merger/index.ts")]: { imports: ["./merger.logic.js", "./merge.effect.js"] },
  [engine("steps/merger/merge.effect.ts")]: { imports: [] },
  [engine("steps/merger/ports.ts")]: { imports: ["type ../../platform/ports.js"], breaks: ["ports-in-the-shell"] },
  [engine("steps/merger/merger.logic.ts")]: { imports: ["../../run/model/step-kind.js", "type ./merge.effect.js"] },
  [engine("steps/merger/impure.logic.ts")]: { imports: ["./merge.effect.js"], breaks: ["logic-is-pure"] },
  [engine("modules/board/index.ts")]: { imports: ["./board-service.js", "../../platform/ports.js"] },
  [engine("modules/board/board-service.ts")]: { imports: ["../../platform/ports.js", "./board.logic.js"] },
  [engine("modules/board/board.logic.ts")]: { imports: ["@millrace/contracts"] },
  [engine("modules/board/across.ts")]: { imports: ["type ../reviews/index.js"], breaks: ["modules-apart"] },
  [engine("modules/reviews/index.ts")]: { imports: [] },
  [engine("modules/reviews/one.ts")]: { imports: ["type ./two.js"], breaks: ["no-cycles"] },
  // A cycle is told once, of the file that comes first.
  [engine("modules/reviews/two.ts")]: { imports: ["type ./one.js"] },
  "packages/executors/src/folder.ts": { imports: ["node:fs"] },
  "packages/executors/src/folder.logic.ts": { imports: ["./folder.js"], breaks: ["logic-is-pure"] },
  "packages/executors/src/model-proxy/server.ts": { imports: ["node:http"], breaks: ["model-proxy-web-standards"] },
  "packages/executors/src/model-proxy/server.fixture.ts": { imports: ["node:http"] },
  "packages/executors/src/disk.logic.ts": { imports: ["node:fs"], breaks: ["logic-is-pure"] },
};

let folder: string;
let found: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "millrace-layers-"));
  for (const [file, { imports }] of Object.entries(FILES)) {
    const lines = imports.map((one, index) =>
      one.startsWith("type ") ? `import type { A as A${index} } from "${one.slice(5)}";` : `import { a as a${index} } from "${one}";`,
    );
    write(file, [...lines, "export const a = 1;", "export type A = 1;"].join("\n"));
  }
  for (const name of ["contracts", "kernel", "agents", "orchestration", "testing", "executors"]) {
    write(
      `packages/${name}/package.json`,
      JSON.stringify({ name: `@millrace/${name}`, exports: { ".": { "millrace-source": "./src/index.ts" } } }),
    );
    mkdirSync(path.join(folder, "node_modules/@millrace"), { recursive: true });
    symlinkSync(path.join(folder, "packages", name), path.join(folder, "node_modules/@millrace", name));
  }
  for (const name of ["zod", "ts-pattern", "ai", "vitest"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, exports: "./index.js" }));
    write(`node_modules/${name}/index.js`, "export const a = 1;");
  }
  write("package.json", JSON.stringify({ name: "small" }));
  found = (await cruiseLayers(folder, ["packages", "apps", "tests"])).violations;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the layer rules", () => {
  it.each(Object.entries(FILES).filter(([, { breaks = [] }]) => breaks.length > 0))("refuse an import of %s", (file, { breaks }) => {
    expect(rulesBroken(file)).toEqual(breaks);
  });

  it("take every import that the table allows", () => {
    const sound = Object.keys(FILES).filter((file) => FILES[file]?.breaks === undefined);
    expect(sound.flatMap((file) => rulesBroken(file).map((rule) => `${rule}: ${file}`))).toEqual([]);
  });

  it("inside packages are each held by a file here that breaks them", () => {
    const held = new Set(Object.values(FILES).flatMap(({ breaks = [] }) => breaks));
    const inside = layerRules({}).map(({ name }) => name ?? "");
    expect(inside.filter((name) => !held.has(name))).toEqual([]);
  });

  it("let nothing point up: a package never depends on one that depends on it", () => {
    const up = Object.entries(LAYERS).flatMap(([name, { workspace }]) =>
      workspace.filter((below) => LAYERS[below]?.workspace.includes(name)).map((below) => `${name} and ${below}`),
    );
    expect(up).toEqual([]);
  });
});

function rulesBroken(file: string): string[] {
  return [...new Set(found.filter((line) => line.includes(`: ${file} → `)).map((line) => line.split(":")[0] ?? ""))];
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}
