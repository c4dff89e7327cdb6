import { checkSchema, commitShaSchema } from "@millrace/contracts";
import type { PullRequestLedger, StoredCheck, StoredPullRequest } from "@millrace/kernel";
import { MillraceError, notFound } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import { parseStored, parseStoredJson } from "../../stored-shape.logic.js";
import type { Tables } from "../tables.js";
import type { CheckRow, PullRequestRow } from "./table.js";

type Key = { readonly repository: string; readonly number: number };
type Opened = Omit<PullRequestRow, "number" | "state" | "merged_as" | "merged_head" | "merged_base">;
type Ends = { readonly repository: string; readonly branch: string; readonly base: string };

/** The ledger over SQL. Every method is one statement, so each is atomic by itself. */
export function createSqlPullRequests(connection: SqlConnection): PullRequestLedger {
  const { find, findOpen, findMerged, open, markMerged } = pullRequestStatements(connection.db);
  const { checks, putCheck } = checkStatements(connection.db);
  return {
    async find(repository, number) {
      const [row] = await connection.all(find, { repository, number });
      return row === undefined ? null : toPullRequest(row);
    },
    async findOpen(repository, branch, base) {
      const [row] = await connection.all(findOpen, { repository, branch, base });
      return row === undefined ? null : toPullRequest(row);
    },
    async findMerged(repository, branch, base) {
      const [row] = await connection.all(findMerged, { repository, branch, base });
      return row === undefined ? null : toPullRequest(row);
    },
    async open({ repository, branch, base, title, body, openedHead, openedBase, createdAt }) {
      const opened = { opened_head: openedHead, opened_base: openedBase, created_at: createdAt };
      const [row] = await connection.all(open, { repository, branch, base, title, body, ...opened });
      if (row !== undefined) return toPullRequest(row);
      throw new MillraceError("internal", `opening a pull request of '${repository}' returned no row`);
    },
    async markMerged(repository, number, { commit, head, base }) {
      const merge = { merged_as: commit, merged_head: head, merged_base: base };
      if ((await connection.all(markMerged, { repository, number, ...merge })).length > 0) return;
      const [row] = await connection.all(find, { repository, number });
      if (row === undefined) throw notFound("pull request", `${repository}#${number}`);
    },
    async checks(repository, head, settings) {
      return (await connection.all(checks, { repository, head, settings })).map(toCheck);
    },
    async putCheck(check) {
      const { repository, head, settings, name } = check;
      await connection.all(putCheck, { repository, head, settings, name, document: JSON.stringify(check) });
    },
  };
}

function pullRequestStatements(db: Kysely<Tables>): {
  find: Statement<Key, PullRequestRow>;
  findOpen: Statement<Ends, PullRequestRow>;
  findMerged: Statement<Ends, PullRequestRow>;
  open: Statement<Opened, PullRequestRow>;
  markMerged: Statement<Key & { merged_as: string; merged_head: string; merged_base: string }, { number: number }>;
} {
  const find = statement<Key>()((p) =>
    db.selectFrom("pull_requests").selectAll().where("repository", "=", p("repository")).where("number", "=", p("number")),
  );
  const findOpen = statement<Ends>()((p) =>
    db
      .selectFrom("pull_requests")
      .selectAll()
      .where("repository", "=", p("repository"))
      .where("branch", "=", p("branch"))
      .where("base", "=", p("base"))
      .where("state", "=", sql.lit("open")),
  );
  const findMerged = statement<Ends>()((p) =>
    db
      .selectFrom("pull_requests")
      .selectAll()
      .where("repository", "=", p("repository"))
      .where("branch", "=", p("branch"))
      .where("base", "=", p("base"))
      .where("state", "=", sql.lit("merged"))
      .orderBy("number", "desc")
      .limit(sql.lit(1)),
  );
  const open = statement<Opened>()((p) =>
    db
      .insertInto("pull_requests")
      .values((eb) => ({
        repository: p("repository"),
        number: sql<number>`coalesce(${eb
          .selectFrom("pull_requests as others")
          .select((others) => others.fn.max("others.number").as("last"))
          .where("others.repository", "=", p("repository"))}, 0) + 1`,
        branch: p("branch"),
        base: p("base"),
        title: p("title"),
        body: p("body"),
        state: sql.lit("open"),
        merged_as: null,
        merged_head: null,
        merged_base: null,
        opened_head: p("opened_head"),
        opened_base: p("opened_base"),
        created_at: p("created_at"),
      }))
      // The update changes nothing; it makes the statement return the open one.
      .onConflict((conflict) =>
        conflict
          .columns(["repository", "branch", "base"])
          .where("state", "=", sql.lit("open"))
          .doUpdateSet((eb) => ({ branch: eb.ref("excluded.branch") })),
      )
      .returningAll(),
  );
  const markMerged = statement<Key & { merged_as: string; merged_head: string; merged_base: string }>()((p) =>
    db
      .updateTable("pull_requests")
      .set({ state: sql.lit("merged"), merged_as: p("merged_as"), merged_head: p("merged_head"), merged_base: p("merged_base") })
      .where("repository", "=", p("repository"))
      .where("number", "=", p("number"))
      .where("state", "!=", sql.lit("merged"))
      .returning("number"),
  );
  return { find, findOpen, findMerged, open, markMerged };
}

function checkStatements(db: Kysely<Tables>): {
  checks: Statement<{ repository: string; head: string; settings: string }, CheckRow>;
  putCheck: Statement<CheckRow, unknown>;
} {
  const checks = statement<{ repository: string; head: string; settings: string }>()((p) =>
    db
      .selectFrom("checks")
      .selectAll()
      .where("repository", "=", p("repository"))
      .where("head", "=", p("head"))
      .where("settings", "=", p("settings"))
      .orderBy("name"),
  );
  const putCheck = statement<CheckRow>()((p) =>
    db
      .insertInto("checks")
      .values({
        repository: p("repository"),
        head: p("head"),
        settings: p("settings"),
        name: p("name"),
        document: p("document"),
      })
      .onConflict((conflict) =>
        conflict.columns(["repository", "head", "settings", "name"]).doUpdateSet((eb) => ({ document: eb.ref("excluded.document") })),
      ),
  );
  return { checks, putCheck };
}

const pullRequestSchema: z.ZodType<StoredPullRequest> = z.object({
  repository: z.string(),
  number: z.number().int().positive(),
  branch: z.string(),
  base: z.string(),
  title: z.string(),
  body: z.string(),
  state: z.enum(["open", "closed", "merged"]),
  mergedAs: commitShaSchema.nullable(),
  mergedHead: commitShaSchema.nullable(),
  mergedBase: commitShaSchema.nullable(),
  openedHead: commitShaSchema.nullable(),
  openedBase: commitShaSchema.nullable(),
  createdAt: z.number().int().nonnegative(),
});

function toPullRequest(row: PullRequestRow): StoredPullRequest {
  const { merged_as: mergedAs, merged_head: mergedHead, merged_base: mergedBase, ...open } = row;
  const { opened_head: openedHead, opened_base: openedBase, created_at: createdAt, ...same } = open;
  const value = { ...same, mergedAs, mergedHead, mergedBase, openedHead, openedBase, createdAt };
  return parseStored(pullRequestSchema, value, { entity: "pull request", id: `${row.repository}#${row.number}` });
}

const storedCheckSchema: z.ZodType<StoredCheck> = checkSchema.extend({
  repository: z.string(),
  head: commitShaSchema,
  settings: z.string(),
  output: z.string(),
});

function toCheck(row: CheckRow): StoredCheck {
  return parseStoredJson(storedCheckSchema, row.document, { entity: "check", id: `${row.name}' of '${row.head}` });
}
