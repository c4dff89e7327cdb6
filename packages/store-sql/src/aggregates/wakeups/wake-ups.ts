/**
 * The queue of wake-ups over SQL.
 *
 * 1. A claim is one statement: two drivers never get the same run while a lease lasts.
 * 2. A run whose lease has not ended is not handed out, not even to its owner: a driver with free
 *    capacity would get the runs it already works on, oldest first, and starve the others.
 * 3. A lease that has ended leaves the run free for the next claim; until then its owner may still renew or release it.
 * 4. Named runs are claimed one by one, each in a statement of its own: a driver of named runs drives few.
 */
import type { Claim, Clock, RunKey as NamedRun, WakeUps } from "@millrace/kernel";
import { latestStamp, MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlBuilder, SqlConnection } from "../../connection.js";
import type { Tables } from "../tables.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";

type RunKey = { readonly workspace_id: string; readonly run_id: string };
type ClaimKey = RunKey & { readonly owner: string };

export function createSqlWakeUps(connection: SqlConnection, clock: Clock): WakeUps {
  const { nextDue, claim } = claimStatements(connection);
  const { renew, release, owners, releaseOwner, nudge, exists } = leaseStatements(connection.db);
  const { bringForward, shorten } = realignStatements(connection.db);
  const { nextDueOf, claimOf } = namedStatements(connection.db);
  const nextDueAt = async (now: number, only?: readonly NamedRun[]): Promise<number | null> => {
    if (only === undefined) return (await connection.all(nextDue, { now }))[0]?.due_at ?? null;
    const rows = await Promise.all(only.map((run) => connection.all(nextDueOf, { ...runKey(run), now })));
    return rows.flat().reduce<number | null>((next, { due_at }) => (next === null ? due_at : Math.min(next, due_at)), null);
  };
  const claimNamed = async (only: readonly NamedRun[], args: ClaimArgs): Promise<readonly Due[]> => {
    const rows: Due[] = [];
    for (const run of only) {
      if (rows.length >= args.limit) break;
      rows.push(...(await connection.all(claimOf, { ...runKey(run), owner: args.owner, now: args.now, lease_until: args.lease_until })));
    }
    return rows;
  };
  return {
    async claim(request) {
      checkClaim(request);
      // An idle driver only reads: the claim itself would take the database's write lock to find nothing.
      const { only } = request;
      const next = await nextDueAt(request.now, only);
      if (next === null || next > request.now) return [];
      const leaseUntil = request.now + request.leaseMs;
      const args = { owner: request.owner, now: request.now, lease_until: leaseUntil, limit: request.limit };
      const rows = only === undefined ? await connection.all(claim, args) : await claimNamed(only, args);
      // RETURNING has no order of its own.
      return rows.toSorted(byDue).map((row) => ({ workspaceId: row.workspace_id, runId: row.run_id, owner: request.owner, leaseUntil }));
    },
    async renew(held, leaseUntil) {
      return (await connection.all(renew, { ...claimKey(held), lease_until: leaseUntil })).length > 0;
    },
    async release(held) {
      await connection.all(release, claimKey(held));
    },
    async leaseOwners() {
      return (await connection.all(owners, {})).flatMap(({ owner }) => (owner === null ? [] : [owner]));
    },
    async releaseOwner(owner) {
      return (await connection.all(releaseOwner, { owner })).length;
    },
    async realign({ now, leaseMs }) {
      const latest = latestStamp(now);
      const early = await connection.all(bringForward, { now, latest });
      const long = await connection.all(shorten, { lease_until: now + leaseMs / 2, latest: latest + leaseMs });
      return early.length + long.length;
    },
    nextDueAt: (only) => nextDueAt(clock.now(), only),
    async nudge(workspaceId, runId, at) {
      const key = { workspace_id: workspaceId, run_id: runId };
      if ((await connection.all(nudge, { ...key, due_at: at })).length > 0) return true;
      return (await connection.all(exists, key)).length > 0;
    },
  };
}

type ClaimArgs = { readonly owner: string; readonly now: number; readonly lease_until: number; readonly limit: number };
type Due = { readonly due_at: number; readonly workspace_id: string; readonly run_id: string };

function byDue(a: Due, b: Due): number {
  return a.due_at - b.due_at || compare(a.workspace_id, b.workspace_id) || compare(a.run_id, b.run_id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function claimStatements({ db, dialect }: SqlBuilder): {
  nextDue: Statement<{ now: number }, { due_at: number }>;
  claim: Statement<ClaimArgs, Due>;
} {
  const nextDue = statement<{ now: number }>()((p) =>
    db
      .selectFrom("wakeups")
      .select("due_at")
      .where((eb) => eb.or([eb("owner", "is", null), eb("lease_until", "<=", p("now"))]))
      .orderBy("due_at")
      .limit(sql.lit(1)),
  );
  const claim = statement<ClaimArgs>()((p) =>
    db
      .with("due", (query) => {
        const due = query
          .selectFrom("wakeups")
          .select(["workspace_id", "run_id"])
          .where("due_at", "<=", p("now"))
          .where((free) => free.or([free("owner", "is", null), free("lease_until", "<=", p("now"))]))
          .orderBy("due_at")
          .orderBy("workspace_id")
          .orderBy("run_id")
          .limit(p("limit"));
        // Two drivers that choose at the same moment choose different runs.
        return dialect.supportsSkipLocked ? due.forUpdate().skipLocked() : due;
      })
      .updateTable("wakeups")
      .from("due")
      .set({ owner: p("owner"), lease_until: p("lease_until") })
      .whereRef("wakeups.workspace_id", "=", "due.workspace_id")
      .whereRef("wakeups.run_id", "=", "due.run_id")
      .returning(["wakeups.due_at", "wakeups.workspace_id", "wakeups.run_id"]),
  );
  return { nextDue, claim };
}

type ClaimOf = RunKey & Omit<ClaimArgs, "limit">;

/** The claim and the due time of one named run. */
function namedStatements(db: Kysely<Tables>): {
  nextDueOf: Statement<RunKey & { now: number }, { due_at: number }>;
  claimOf: Statement<ClaimOf, Due>;
} {
  const nextDueOf = statement<RunKey & { now: number }>()((p) =>
    db
      .selectFrom("wakeups")
      .select("due_at")
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where((free) => free.or([free("owner", "is", null), free("lease_until", "<=", p("now"))])),
  );
  const claimOf = statement<ClaimOf>()((p) =>
    db
      .updateTable("wakeups")
      .set({ owner: p("owner"), lease_until: p("lease_until") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("due_at", "<=", p("now"))
      .where((free) => free.or([free("owner", "is", null), free("lease_until", "<=", p("now"))]))
      .returning(["due_at", "workspace_id", "run_id"]),
  );
  return { nextDueOf, claimOf };
}

function leaseStatements(db: Kysely<Tables>): {
  renew: Statement<ClaimKey & { lease_until: number }, RunKey>;
  release: Statement<ClaimKey, RunKey>;
  owners: Statement<object, { owner: string | null }>;
  releaseOwner: Statement<{ owner: string }, RunKey>;
  nudge: Statement<RunKey & { due_at: number }, RunKey>;
  exists: Statement<RunKey, RunKey>;
} {
  const renew = statement<ClaimKey & { lease_until: number }>()((p) =>
    db
      .updateTable("wakeups")
      .set({ lease_until: p("lease_until") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("owner", "=", p("owner"))
      .returning(["workspace_id", "run_id"]),
  );
  const release = statement<ClaimKey>()((p) =>
    db
      .updateTable("wakeups")
      .set({ owner: null, lease_until: null })
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("owner", "=", p("owner"))
      .returning(["workspace_id", "run_id"]),
  );
  const owners = statement<object>()(() => db.selectFrom("wakeups").select("owner").distinct().where("owner", "is not", null));
  const releaseOwner = statement<{ owner: string }>()((p) =>
    db.updateTable("wakeups").set({ owner: null, lease_until: null }).where("owner", "=", p("owner")).returning(["workspace_id", "run_id"]),
  );
  const nudge = statement<RunKey & { due_at: number }>()((p) =>
    db
      .updateTable("wakeups")
      .set({ due_at: p("due_at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("due_at", ">", p("due_at"))
      .returning(["workspace_id", "run_id"]),
  );
  const exists = statement<RunKey>()((p) =>
    db
      .selectFrom("wakeups")
      .select(["workspace_id", "run_id"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id")),
  );
  return { renew, release, owners, releaseOwner, nudge, exists };
}

/** Both find nothing, by an index, unless a clock was set back. */
function realignStatements(db: Kysely<Tables>): {
  bringForward: Statement<{ now: number; latest: number }, RunKey>;
  shorten: Statement<{ lease_until: number; latest: number }, RunKey>;
} {
  const bringForward = statement<{ now: number; latest: number }>()((p) =>
    db
      .updateTable("wakeups")
      .set((eb) => ({
        due_at: eb.case().when("due_at", "<", p("now")).then(eb.ref("due_at")).else(p("now")).end(),
        set_at: p("now"),
      }))
      .where("set_at", ">", p("latest"))
      .returning(["workspace_id", "run_id"]),
  );
  const shorten = statement<{ lease_until: number; latest: number }>()((p) =>
    db
      .updateTable("wakeups")
      .set({ lease_until: p("lease_until") })
      .where("owner", "is not", null)
      .where("lease_until", ">", p("latest"))
      .returning(["workspace_id", "run_id"]),
  );
  return { bringForward, shorten };
}

function runKey({ workspaceId, runId }: NamedRun): RunKey {
  return { workspace_id: workspaceId, run_id: runId };
}

function claimKey(claim: Claim): ClaimKey {
  return { workspace_id: claim.workspaceId, run_id: claim.runId, owner: claim.owner };
}

function checkClaim(request: { readonly leaseMs: number; readonly limit: number }): void {
  if (Number.isInteger(request.limit) && request.limit >= 1 && request.leaseMs > 0) return;
  throw new MillraceError(
    "validation",
    `a claim needs a limit of at least 1 and a lease longer than 0 ms, not ${request.limit} and ${request.leaseMs}`,
    {
      fix: "Do not claim when there are no free hands.",
    },
  );
}
