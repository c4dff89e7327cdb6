/**
 * The public surface of every published door, recorded in `etc/*.api.md`. Fails when the built declarations say something else;
 * `--update` rewrites the records. Needs a build.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { inOrder } from "./api-report.ts";
import { conclude, doorsOf, publishedPackages, root } from "./lib.ts";

const update = process.argv.includes("--update");
const problems: string[] = [];
let looked = 0;
for (const one of publishedPackages()) {
  const reports = new Set<string>();
  for (const { door, types } of doorsOf(one)) {
    const declarations = path.join(one.dir, types);
    if (!existsSync(declarations)) {
      problems.push(`${one.name}: ${types} is not built`);
      continue;
    }
    const report = door === "index" ? `${one.name}.api.md` : `${one.name}-${door.replaceAll("/", "-")}.api.md`;
    reports.add(report);
    problems.push(...surfaceOf(one.dir, declarations, report).map((problem) => `${one.name} (${door}): ${problem}`));
    looked += 1;
  }
  const recorded = existsSync(path.join(one.dir, "etc")) ? readdirSync(path.join(one.dir, "etc")) : [];
  for (const stale of recorded.filter((file) => file.endsWith(".api.md") && !reports.has(file))) {
    problems.push(`${one.name}: etc/${stale} records a door that does not exist`);
  }
}
conclude("api", looked, "doors", problems);

function surfaceOf(dir: string, declarations: string, report: string): string[] {
  for (const folder of [path.join(dir, "etc"), path.join(root, ".artifacts/api/accepted")]) mkdirSync(folder, { recursive: true });
  const lines: string[] = [];
  const config = ExtractorConfig.prepare({
    configObjectFullPath: path.join(dir, "api-extractor.json"),
    packageJsonFullPath: path.join(dir, "package.json"),
    configObject: {
      projectFolder: dir,
      mainEntryPointFilePath: declarations,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          extends: path.join(dir, "tsconfig.build.json"),
          compilerOptions: { rootDir: dir },
          files: [declarations],
          include: [],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: path.join(root, ".artifacts/api/accepted"),
        reportTempFolder: path.join(root, ".artifacts/api"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          // The report already marks each such symbol "(undocumented)".
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: true,
    showVerboseMessages: false,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) lines.push(message.text);
    },
  });
  if (!result.succeeded && lines.length === 0) lines.push("the surface could not be read");
  lines.push(...compare(path.join(dir, "etc", report), inOrder(readFileSync(path.join(root, ".artifacts/api", report), "utf8"))));
  return lines;
}

function compare(file: string, surface: string): string[] {
  const shown = path.relative(root, file);
  if (!/^(export|declare) /m.test(surface)) return [`${shown} would be empty`];
  if (update && !(existsSync(file) && isSame(readFileSync(file, "utf8"), surface))) writeFileSync(file, surface);
  if (!existsSync(file)) return [`${shown} is not recorded; run: pnpm api:update`];
  return isSame(readFileSync(file, "utf8"), surface)
    ? []
    : [`the public surface differs from ${shown}; if that is meant, run: pnpm api:update`];
}

/** The compiler writes the members of an inferred object in an order that changes from build to build: lines are compared, not their order. */
function isSame(recorded: string, surface: string): boolean {
  const lines = (text: string): string => text.split("\n").toSorted().join("\n");
  return lines(recorded) === lines(surface);
}
