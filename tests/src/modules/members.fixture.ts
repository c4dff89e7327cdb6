/** Persons in accounts: users with a proven address, their personal account, and callers with the roles that they have now. */
import type { Role, User } from "@millrace/contracts";
import { LOG_START } from "@millrace/kernel";
import { createPersonalAccount, type Caller } from "@millrace/orchestration";
import { createRecordingMailer, createTestHost, createTestPasswords, type RecordingMailer, type TestHost } from "@millrace/testing";

export interface Members {
  readonly host: TestHost;
  readonly mailer: RecordingMailer;
  /** Makes a user with a personal account, under the id `usr_<name>`. */
  readonly user: (name: string, over?: Partial<User>) => Promise<string>;
  /** A call of the person as it is now: grants are read anew. */
  readonly as: (userId: string) => Promise<Caller>;
  /** An organisation that the person founds. */
  readonly found: (userId: string, name?: string) => Promise<string>;
  /** Makes somebody a member of it. */
  readonly join: (accountId: string, userId: string, ...roles: Role[]) => Promise<void>;
  /** Types of the events of an account, in their order. */
  readonly events: (accountId: string) => Promise<readonly string[]>;
  /** One pass of a sweep. */
  readonly sweep: (name: string) => Promise<number>;
}

export interface MembersOptions {
  readonly withoutMail?: boolean;
  /** Throws where the mailer fails. Default: it sends. */
  readonly sends?: () => void;
}

/** An operator of the host, who is in no account. */
export const operator: Caller = {
  actor: { type: "human", id: "usr_operator" },
  grants: { accounts: {}, isOperator: true, confirmedUntil: Number.MAX_SAFE_INTEGER },
};

export async function createMembers(options: MembersOptions = {}): Promise<Members> {
  const mailer = createRecordingMailer(options.sends === undefined ? {} : { answer: options.sends });
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "researcher" }] },
    ...(options.withoutMail === true ? {} : { mailer }),
    // A host that people sign in to keeps users.
    wrap: (ports) => ({ ...ports, passwords: createTestPasswords() }),
  });
  const as: Members["as"] = async (userId) => ({
    actor: { type: "human", id: userId },
    grants: { accounts: await host.accounts.grantsOf(userId), confirmedUntil: Number.MAX_SAFE_INTEGER },
  });
  let founded = 0;
  return {
    host,
    mailer,
    as,
    async user(name, over = {}) {
      const user: User = {
        id: `usr_${name}`,
        name,
        email: `${name}@example.com`,
        isEmailVerified: true,
        avatarUrl: null,
        timezone: null,
        createdAt: host.clock.now(),
        disabledAt: null,
        revision: 1,
        ...over,
      };
      const by = { at: host.clock.now(), actor: { type: "human", id: user.id } } as const;
      await host.store.commit([{ change: "insert-user", user }, ...createPersonalAccount(user, by)]);
      return user.id;
    },
    async found(userId, name = "Acme") {
      const { id } = await host.call("accounts.create", await as(userId), { name }, { key: `key_${(founded += 1)}` });
      return id;
    },
    async join(accountId, userId, ...roles) {
      await host.call("accounts.provisionMember", operator, { accountId, userId, roles });
    },
    events: async (accountId) =>
      (await host.store.platformEvents.ofAccount(accountId, LOG_START, 1000)).map(({ entry }) => entry.event.type),
    async sweep(name) {
      const sweep = host.sweeps.find((each) => each.name === name);
      return (await sweep?.run(host.clock.now(), 200, new AbortController().signal)) ?? 0;
    },
  };
}
