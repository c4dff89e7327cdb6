/**
 * Runs the tests of the decider for Stryker in one process that loads them once. Starting a test framework for each of
 * thousands of mutants costs ten times what their tests do; mutants are switches in code that is loaded already.
 */
import { globSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { MutantCoverage } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from "@stryker-mutator/api/test-runner";
import { runFromSources } from "./source-hooks.ts";
import { list, listedTests, type ListedTest } from "./test-api.ts";
import { TEST_FILES } from "./test-files.ts";

/** The members of its global object by which instrumented code learns what is active, and tells what it came past. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

declare global {
  var __stryker__: Switches | undefined;
}

/** A test that waits for what a mutant took away has failed. */
const TEST_MS = 25_000;

class OneProcess implements TestRunner {
  static readonly inject = [] as const;
  readonly #root = process.cwd();
  readonly #switches: Switches = (globalThis.__stryker__ ??= {});
  #tests: ReadonlyMap<string, ListedTest> | undefined;
  /** No mutant ran in this process yet. */
  #fresh = true;
  /** A mutant left something behind, or was active while the tests were loaded. */
  #spoiled = false;

  /** A mutant that needs a process of its own is refused by one that is loaded, upon which Stryker tries it again in another. */
  capabilities(): { readonly reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const tests = await this.#load();
    const results: TestResult[] = [];
    for (const test of tests.values()) {
      this.#switches.currentTestId = test.id;
      results.push(await run(test));
      this.#switches.currentTestId = undefined;
    }
    const mutantCoverage: MutantCoverage = this.#switches.mutantCoverage ?? { static: {}, perTest: {} };
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, disableBail }: MutantRunOptions): Promise<MutantRunResult> {
    const isStatic = mutantActivation === "static";
    if (this.#spoiled || (isStatic && this.#tests !== undefined)) throw new Error("needs another process");
    if (!isStatic) await this.#load();
    this.#activate(activeMutant.id, hitLimit);
    const tests = await this.#load().catch((error: unknown) => String(error));
    if (typeof tests === "string") return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: tests, nrOfTests: 0 };
    const results: TestResult[] = [];
    for (const test of testFilter === undefined ? tests.values() : [...tests.values()].filter(({ id }) => testFilter.includes(id))) {
      const result = await run(test);
      results.push(result);
      if (result.status === TestStatus.Failed && !disableBail) break;
    }
    const { hitCount } = this.#switches;
    this.#activate(undefined, undefined);
    if (isStatic) this.#spoiled = true;
    else await this.#lookForTraces(results, tests);
    this.#fresh = false;
    return toMutantRunResult(determineHitLimitReached(hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests: results });
  }

  /** A test that fails without the mutant too says nothing, unless this mutant is the first here: then it was the cause. */
  async #lookForTraces(results: readonly TestResult[], tests: ReadonlyMap<string, ListedTest>): Promise<void> {
    for (const { id, status } of results) {
      const test = tests.get(id);
      if (status !== TestStatus.Failed || test === undefined) continue;
      if ((await run(test)).status === TestStatus.Failed) this.#spoiled = true;
    }
    if (this.#spoiled && !this.#fresh) throw new Error("needs another process");
  }

  #activate(mutant: string | undefined, hitLimit: number | undefined): void {
    this.#switches.activeMutant = mutant;
    this.#switches.hitLimit = hitLimit;
    this.#switches.hitCount = mutant === undefined ? undefined : 0;
  }

  async #load(): Promise<ReadonlyMap<string, ListedTest>> {
    if (this.#tests !== undefined) return this.#tests;
    runFromSources(this.#root);
    for (const file of globSync(TEST_FILES.run, { cwd: this.#root, exclude: TEST_FILES.leftOut }).toSorted())
      await list(file, () => import(pathToFileURL(path.join(this.#root, file)).href));
    this.#tests = new Map(listedTests().map((test) => [test.id, test]));
    return this.#tests;
  }
}

async function run({ id, name, file, at, run: body }: ListedTest): Promise<TestResult> {
  const began = performance.now();
  const result = { id, name, fileName: path.resolve(file), startPosition: at };
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(new Error(`no end after ${TEST_MS} ms`)), TEST_MS);
  try {
    await Promise.race([body(), deadline.promise]);
    return { ...result, status: TestStatus.Success, timeSpentMs: performance.now() - began };
  } catch (error) {
    const failureMessage = error instanceof Error ? error.message : String(error);
    return { ...result, status: TestStatus.Failed, failureMessage, timeSpentMs: performance.now() - began };
  } finally {
    clearTimeout(timer);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "one-process", OneProcess)];
