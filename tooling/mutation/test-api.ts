/**
 * What a test file gets for `vitest` in the mutation check: `describe` and `it` put tests on a list, `expect` is vitest's own.
 * Only what the tests of the decider use; another name fails where it is imported.
 */
import { createHash } from "node:crypto";
import { format } from "node:util";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";

// Vitest's own `poll` needs Vitest around it.
Object.assign(expect, { poll });
export { expect };

export interface ListedTest {
  /** Unique and stable: file, titles and, for a row of a table, what is in the row: many rows have the same title. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** Where the test is in its file, from 0: later runs find by it what changed. */
  readonly at: { readonly line: number; readonly column: number };
  readonly run: () => unknown;
}

type Body = (...row: never[]) => unknown;
type Declare = (title: string, body: Body) => void;

const listed = new Map<string, ListedTest>();
const titles: string[] = [];
/** Digests of the rows of the tables that are being declared. */
let rows = "";
let file = "";

/** Loads a test file and lists its tests. @param path From the root of the copy. */
export async function list(path: string, load: () => Promise<unknown>): Promise<void> {
  file = path;
  await load();
}

export function listedTests(): readonly ListedTest[] {
  return [...listed.values()];
}

export const describe = withTables((title, body) => {
  titles.push(title);
  body();
  titles.pop();
});

export const it = withTables((title, body) => {
  const name = [...titles, title].join(" ");
  const id = `${file}#${name}${rows}`;
  if (listed.has(id)) throw new Error(`two tests are called alike: ${id}`);
  listed.set(id, { id, name, file, at: position(), run: () => body() });
});

function withTables(declare: Declare): Declare & { each: (table: readonly unknown[]) => Declare } {
  const each =
    (table: readonly unknown[]): Declare =>
    (title, body) => {
      for (const row of table) {
        const values = Array.isArray(row) ? row : [row];
        const outer = rows;
        rows += ` ${digest(values)}`;
        declare(titleOf(title, values), () => body(...(values as never[])));
        rows = outer;
      }
    };
  return Object.assign(declare, { each });
}

const POLL_MS = 5;
const POLLS = 1000;

function poll(read: () => unknown): {
  readonly toEqual: (expected: unknown) => Promise<void>;
  readonly toBe: (expected: unknown) => Promise<void>;
} {
  const until = async (check: (value: unknown) => void, left = POLLS): Promise<void> => {
    try {
      check(await read());
    } catch (error) {
      if (left === 0) throw error;
      await setTimeout(POLL_MS);
      await until(check, left - 1);
    }
  };
  return {
    toEqual: (expected) => until((value) => expect(value).toEqual(expected)),
    toBe: (expected) => until((value) => expect(value).toBe(expected)),
  };
}

const DIGEST_CHARS = 8;

/** Of what a row holds, functions by their source. */
function digest(values: readonly unknown[]): string {
  const text = JSON.stringify(values, (_key, value: unknown) => (typeof value === "function" ? String(value) : value));
  return createHash("sha256").update(text).digest("hex").slice(0, DIGEST_CHARS);
}

function titleOf(title: string, values: readonly unknown[]): string {
  const places = title.match(/%[sdifjoO]/g)?.length ?? 0;
  return format(title, ...values.slice(0, places)).replaceAll(/\$(\w+)/g, (_, key: string) =>
    String((values[0] as Record<string, unknown>)[key]),
  );
}

function position(): ListedTest["at"] {
  const [, line, column] =
    new Error("here").stack
      ?.split("\n")
      .find((line) => line.includes(file))
      ?.match(/:(\d+):(\d+)\)?$/) ?? [];
  return { line: Number(line ?? 1) - 1, column: Number(column ?? 1) - 1 };
}
