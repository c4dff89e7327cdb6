/** A host that people sign in to, with a provider, passwords and mails of its own. */
import { LOG_START, type ProviderProfile } from "@millrace/kernel";
import { ANONYMOUS, type AuthRequest, type Caller, type SignInOptions } from "@millrace/orchestration";
import {
  createRecordingMailer,
  createStandInProvider,
  createTestHost,
  createTestPasswords,
  type RecordingMailer,
  type StandInProvider,
  type TestHost,
  type TestPasswords,
  type VirtualClock,
} from "@millrace/testing";

export interface People {
  readonly host: TestHost;
  readonly clock: VirtualClock;
  readonly provider: StandInProvider;
  readonly passwords: TestPasswords;
  readonly mailer: RecordingMailer;
  /** A request as a browser sends it, from a page of the host. */
  request(cookie: string, over?: Partial<AuthRequest>): Promise<Caller>;
  /** A request with a token. */
  withToken(token: string, over?: Partial<AuthRequest>): Promise<Caller>;
  /** Signs in through the provider, in a browser of their own. The secret of the session. */
  signInAt(
    profile: Partial<ProviderProfile> & Pick<ProviderProfile, "subject">,
  ): Promise<{ readonly secret: string; readonly userId: string }>;
  /** The same, and the caller that its cookie makes. */
  person(profile: Partial<ProviderProfile> & Pick<ProviderProfile, "subject">): Promise<Caller>;
  /** Secret of the link in the last mail that was sent. */
  lastSecret(): Promise<string>;
  /** Types of the events of the host, in their order. */
  events(): Promise<readonly string[]>;
  /** Everything that is stored of people, their requests and the host's log, as text. */
  stored(): Promise<string>;
}

export interface PeopleOptions {
  readonly signIn?: SignInOptions;
  readonly withoutMail?: boolean;
  readonly withoutPasswords?: boolean;
  readonly withoutProvider?: boolean;
}

export const AT_HOME = "192.0.2.7";
export const anAda = { subject: "7", login: "ada", email: "ada@example.com", isEmailVerified: true, name: "Ada" } as const;

export async function createPeople(options: PeopleOptions = {}): Promise<People> {
  let count = 0;
  const provider = createStandInProvider();
  const passwords = createTestPasswords();
  const mailer = createRecordingMailer();
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "researcher" }] },
    ...(options.withoutMail === true ? {} : { mailer }),
    wrap: (ports) => ({
      ...ports,
      // Numbers that no other id has: the personal account of a user is named after the user.
      ids: { next: (prefix) => `${prefix}_${(count += 1)}` },
      ...(options.withoutPasswords === true ? {} : { passwords }),
      ...(options.withoutProvider === true ? {} : { identityProviders: [provider] }),
    }),
    options: { publicUrl: "https://mill.example", signIn: { admits: { domains: ["example.com"] }, ...options.signIn } },
  });
  const request: People["request"] = (header, over = {}) =>
    host.signIn.authenticate({ method: "POST", secFetchSite: "same-origin", source: AT_HOME, cookie: header, ...over });
  const signInAt: People["signInAt"] = async (profile) => {
    const start = await host.call("sign-in.startProvider", { ...ANONYMOUS, source: AT_HOME }, { provider: "github" });
    const back = await provider.signIn(start.url, profile);
    const caller = await request(`__Host-millrace-browser=${start.browser}`, { method: "GET" });
    const { started } = await host.call("sign-in.finishProvider", caller, { provider: "github", ...back });
    if (started === null) throw new Error("no session began");
    return { secret: started.secret, userId: started.user.id };
  };
  return {
    host,
    clock: host.clock,
    provider,
    passwords,
    mailer,
    request,
    withToken: (token, over = {}) =>
      host.signIn.authenticate({ method: "POST", source: AT_HOME, authorization: `Bearer ${token}`, ...over }),
    signInAt,
    person: async (profile) => request(cookie((await signInAt(profile)).secret)),
    async lastSecret() {
      const sweep = host.sweeps.find(({ name }) => name === "mails.deliver");
      await sweep?.run(host.clock.now(), 200, new AbortController().signal);
      return new URL(mailer.sent.at(-1)?.values["link"] ?? "").searchParams.get("token") ?? "";
    },
    events: async () => (await host.store.platformEvents.ofHost(LOG_START, 1000)).map(({ entry }) => entry.event.type),
    async stored() {
      const users = await host.store.users.list({ limit: 200 });
      const own = await Promise.all(
        users.map(async ({ id }) => [
          await host.store.users.identities(id),
          await host.store.sessions.ofUser(id, { limit: 200, now: 0, usedSince: 0 }),
          await host.store.apiTokens.list({ userId: id }, { limit: 200 }),
        ]),
      );
      return JSON.stringify([users, own, await host.store.platformEvents.ofHost(LOG_START, 1000)]);
    },
  };
}

/** Cookie of a session. */
export const cookie = (secret: string): string => `__Host-millrace=${secret}`;

/** Anybody, from one place. */
export const anybody: Caller = { ...ANONYMOUS, source: AT_HOME };
