/**
 * `pnpm neutral`: the engine as a host without Node gets it. The four packages below every runtime are bundled for a neutral platform; a
 * Node builtin or a global of Node in the bundle is refused. Then a pipeline is run in workerd. Needs a build.
 */
import { build, type BuildOptions } from "esbuild";
import { Miniflare } from "miniflare";
import { fail, root } from "../repo-checks/lib.ts";

const PACKAGES = ["contracts", "kernel", "agents", "orchestration"];
const NODE_GLOBALS = ["Buffer", "process", "global", "require", "__dirname", "__filename", "setImmediate"];
const refused = (name: string): string => `refused_${name}`;
const ID = /^run_[0-9a-z]{16}$/;

// Every export is kept, so nothing is left unjudged because the pipeline does not call it.
const engine = await bundle(PACKAGES.map((name) => `export * as ${name} from "@millrace/${name}";`).join("\n"), {
  // Only free names of the bundle are replaced: a local variable of that name stays.
  define: Object.fromEntries(NODE_GLOBALS.map((name) => [name, refused(name)])),
});
const problems = NODE_GLOBALS.filter((name) => new RegExp(String.raw`\b${refused(name)}\b`).test(engine.text)).map(
  (name) => `the bundle of ${PACKAGES.join(", ")} uses the global ${name}`,
);
problems.push(
  ...[...engine.text.matchAll(/["']node:[a-z/]+["']/g)].map(([name]) => `the bundle of ${PACKAGES.join(", ")} imports ${name}`),
);
console.log(`neutral: ${engine.files} files, ${engine.text.length} bytes, of ${PACKAGES.join(", ")} and what they depend on`);

const worker = await bundle(`export { default } from "./tooling/neutral/worker.ts";`);
problems.push(...(await runInWorkerd(worker.text)));
if (problems.length > 0) fail(problems);

interface Answer {
  readonly id: string;
  readonly merged: string | null;
}

async function bundle(
  contents: string,
  options: Pick<BuildOptions, "define"> = {},
): Promise<{ readonly text: string; readonly files: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "neutral",
    // No host's export condition: a package's default entry.
    conditions: [],
    mainFields: ["module", "main"],
    format: "esm",
    target: "es2024",
    logLevel: "error",
    ...options,
  });
  return { text: outputFiles[0]?.text ?? "", files: Object.keys(metafile.inputs).length };
}

/** Problem in the worker's answer. */
async function runInWorkerd(script: string): Promise<string[]> {
  const workerd = new Miniflare({ modules: true, script, compatibilityDate: "2026-07-01", cf: false, host: "127.0.0.1" });
  try {
    const response = await workerd.dispatchFetch("http://worker/");
    if (!response.ok) return [`in workerd: ${response.status}: ${await response.text()}`];
    const answer = (await response.json()) as Answer;
    console.log(`neutral: in workerd: ${JSON.stringify(answer)}`);
    if (!ID.test(answer.id)) return [`in workerd: '${answer.id}' is no random id of a run`];
    return answer.merged === null ? ["in workerd: the run did not merge"] : [];
  } finally {
    await workerd.dispose();
  }
}
