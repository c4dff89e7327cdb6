import type { AgentKinds } from "@millrace/agents";
import { assertFound } from "@millrace/kernel";
import type { Actor, BoardEventBody, Fragment, User, Workspace } from "@millrace/contracts";
import { checkRegistries } from "./check-registries.logic.js";
import { createCallEffects } from "./run/model/call-effect.js";
import { DEFAULT_PATIENCE } from "./run/model/decision-input.js";
import type { StepKinds } from "./run/model/step-kind.js";
import { accountsAlone, type AccountsCalls } from "./modules/accounts/accounts-service.js";
import { createPersonalAccount, grantRoles, personalAccountId, requireOrganization } from "./modules/accounts/accounts.logic.js";
import { accountsModule } from "./modules/accounts/index.js";
import { invitationsModule } from "./modules/invitations/index.js";
import { boardScanModule } from "./modules/board-scan/index.js";
import { boardModule } from "./modules/board/index.js";
import { presetsModule } from "./modules/merge-presets/index.js";
import { mailsModule } from "./modules/mails/index.js";
import { notificationsModule } from "./modules/notifications/index.js";
import { provePerson, type ByPerson, type DeedOf } from "./run/commands/prove-person.js";
import { ExecutionService } from "./run/execution-service.js";
import { RunReadService } from "./run/run-read-service.js";
import { auditModule } from "./modules/audit/index.js";
import type { RunHandlerServices } from "./run/operations.js";
import { retentionModule } from "./modules/retention/index.js";
import type { UsersCalls } from "./modules/users/users-service.js";
import { signInModule } from "./modules/sign-in/index.js";
import { admitsAddress } from "./modules/sign-in/sign-in.logic.js";
import { readSignIn, type SignInSettings } from "./modules/sign-in/settings.logic.js";
import { usersModule } from "./modules/users/index.js";
import { reviewsModule } from "./modules/reviews/index.js";
import { sharingModule } from "./modules/sharing/index.js";
import { settingsModule } from "./modules/settings/index.js";
import { workspacesModule } from "./modules/workspaces/index.js";
import { boundEffects, boundPorts, DEFAULT_CEILINGS } from "./platform/bounded-ports.js";
import { redactedPorts } from "./platform/redacted-ports.js";
import { operationHandlers } from "./operations.js";
import { HostService } from "./modules/host/host-service.js";
import { SweepJournal } from "./platform/sweep-journal.js";
import { ModuleList, type Sweep } from "./platform/module.js";
import { ENGINE } from "./platform/actor.logic.js";
import { createDoor, type Call } from "./platform/operations/door.js";
import { pipelineInForce, pipelinesInForce } from "./run/pipelines/in-force.js";
import { servedPipelines, type ServedPipelines } from "./run/pipelines/served.js";
import { fragmentPool } from "./run/pipelines/fragment-pool.js";
import { readFragments } from "./run/turn/read-fragments.js";
import { policyOf } from "./modules/merge-presets/merge-presets.logic.js";
import { createJudge } from "./run/commands/judge-model.js";
import { fragmentsModule } from "./modules/fragments/index.js";
import { modelsModule } from "./modules/models/index.js";
import { pipelinesModule } from "./modules/pipelines/index.js";
import { taskRunSummary } from "./run/read/task-run-summary.logic.js";
import type { Registries } from "./run/model/evolve.logic.js";
import { readPublicUrl, type PublicUrl } from "./platform/public-url.logic.js";
import type { OrchestrationOptions } from "./options.js";
import type { ComposedPorts, OrchestrationPorts } from "./platform/ports.js";
import { builtInGates, createRegistries, effectsOf } from "./steps/registry.js";

/** The operations of the platform, and the engine and services behind them. */
export interface Orchestration extends ModuleServices {
  /**
   * Calls an operation by its name, as that caller. It is the one way in for everybody who is not the host itself: what the caller may do,
   * the shape of the input and revisions are checked here. The services beside it trust their caller.
   */
  readonly call: Call;
  readonly execution: ExecutionService;
  /** The host itself: whether it works, and what an operator may do about it. */
  readonly host: HostService;
  /** Reads of runs: the view, the events, the outputs, the evidence. */
  readonly runs: RunReadService;
  /** Work of the modules that is done again and again: drivers run it. */
  readonly sweeps: readonly Sweep[];
  /** What happened outside the runs of a workspace, as one line for people. */
  readonly describeBoardEvent: (event: BoardEventBody) => string;
  /**
   * Asks for proof of a deed that the host does by itself, outside the store: a change of its own configuration. Refusals are told.
   * @throws MillraceError `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  readonly provePerson: (by: ByPerson, of: DeedOf) => Promise<Actor>;
  /** The agent kinds: the built-in ones and the host's. */
  readonly kinds: AgentKinds;
  /** The step kinds: the built-in ones and the host's. */
  readonly stepKinds: StepKinds;
}

/**
 * The engine over a host's ports. No effect until a method is called; several may live in one process.
 *
 * @throws MillraceError `config_invalid` naming everything registered that does not fit together.
 */
export function composeOrchestration(unbounded: OrchestrationPorts, options: OrchestrationOptions = {}): Orchestration {
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const ceilings = { ...DEFAULT_CEILINGS, agentCallMs: patience.jobMs, ...options.ceilings };
  const ports = boundPorts(redactedPorts(unbounded), ceilings);
  const registries = createRegistries(options);
  const { kinds, stepKinds } = registries;
  const gates = [...builtInGates, ...(options.gates ?? [])];
  const effects = boundEffects(effectsOf(stepKinds.list(), options.effects), ports.sleep, ceilings);
  const served = servedPipelines(options.pipelines);
  const pool = fragmentPool(options.fragments);
  const pipelines = [...served.values()].map(({ pipeline }) => pipeline);
  checkRegistries({ registries, gates, effects, pipelines, added: options });
  const execution = new ExecutionService(ports, registries, createCallEffects(effects), {
    patience,
    localTestInfrastructure: options.localTestInfrastructure ?? true,
    served,
    pool,
  });
  const modules = new ModuleList();
  const publicUrl = readPublicUrl(options.publicUrl, ports.mailer);
  const settings = readSignIn(options.signIn ?? {}, { publicUrl, providers: ports.identityProviders ?? [] });
  const services = addModules(modules, ports, {
    execution,
    served,
    pool,
    ...registries,
    publicUrl,
    settings,
    retention: options.retention,
  });
  modules.check();
  const journal = new SweepJournal(ports.clock, modules.sweeps);
  const host = new HostService(ports, { journal, endUnreadable: (address) => execution.endUnreadable(address) });
  const runs = new RunReadService(ports, stepKinds, {
    readRun: (address) => execution.get(address),
    reviewOf: (address) => services.reviews.ofRun(address),
  });
  const deliversNothing: RunHandlerServices["deliversNothing"] = async (workspaceId, id) =>
    (await pipelineInForce(ports.store, served, workspaceId, id))?.steps.every(
      ({ kind }) => kinds.get(kind)?.contract.delivers === "nothing",
    ) ?? true;
  return {
    ...services,
    call: createDoor(ports, operationHandlers({ ...services, host, execution, runs, stepKinds, deliversNothing })),
    runs,
    host,
    execution,
    kinds,
    stepKinds,
    sweeps: journal.sweeps,
    provePerson: (by, of) => provePerson(ports, by, of),
    describeBoardEvent: (event) => modules.describe(event),
  };
}

/** What the modules get beside ports and registries. */
interface ComposedEngine {
  readonly execution: ExecutionService;
  readonly served: ServedPipelines;
  readonly pool: readonly Fragment[];
  readonly publicUrl: PublicUrl;
  readonly settings: SignInSettings;
  readonly retention: OrchestrationOptions["retention"];
}

/** Services of the modules, by the name of their folder. */
export type ModuleServices = Readonly<ReturnType<typeof addModules>>;

/** The modules of people: who there is, what they belong to, and how they come in. */
function addPeople(modules: ModuleList, ports: ComposedPorts, { publicUrl, settings }: Pick<ComposedEngine, "publicUrl" | "settings">) {
  const { store, passwords, identityProviders = [] } = ports;
  // A host without passwords and providers has its callers proven elsewhere: it has no rows of users to compare them with.
  const keepsUsers = passwords !== undefined || identityProviders.length > 0;
  const ofUsers: Partial<AccountsCalls> = {
    userExists: async (userId) => (await store.users.get(userId)) !== null,
    hasVerifiedAddress: async (userId) => (await store.users.get(userId))?.isEmailVerified === true,
  };
  const accounts = modules.add(
    accountsModule(ports, {
      ...accountsAlone,
      ...(keepsUsers ? ofUsers : {}),
      countWorkspaces: (accountId) => store.workspaces.countOf(accountId),
      countServices: async (accountId) => (await store.services.list(accountId, { limit: 200 })).length,
      removeInvitations: (accountId) => [{ change: "remove-invitations", accountId }],
      eraseKeys: (accountId) => Promise.resolve([{ change: "delete-api-tokens", owner: { accountId } }]),
    }),
  );
  const addressOf = async (userId: string): Promise<string | null> => provenAddress(await store.users.get(userId));
  const invitations = modules.add(invitationsModule(ports, { requireOrganization, grantRoles, addressOf }, publicUrl));
  const acceptInvitation: UsersCalls["acceptInvitation"] = async (tokenDigest, user, by) =>
    (await invitations.acceptance(tokenDigest, { userId: user.id, address: provenAddress(user) }, by)).changes;
  const users = modules.add(
    usersModule(ports, {
      createPersonalAccount,
      leaveAccounts: ({ id }, by) => accounts.leaveAll(id, by),
      findInvitation: (token, email) => invitations.openOf(token, email),
      acceptInvitation,
      admits: (email) => admitsAddress(email, settings.admits),
      publicUrl,
    }),
  );
  const signIn = modules.add(
    signInModule(
      ports,
      {
        grantsOf: (userId) => accounts.grantsOf(userId),
        resolveSignIn: (provider, profile, at) => users.users.resolveSignIn(provider, profile, at),
        linkIdentity: (userId, provider, profile, by) => users.users.linkIdentity(userId, provider, profile, by),
        findInvitation: (token) => invitations.openOf(token),
        acceptInvitation,
        signUp: (caller, request) => users.passwords.signUp(caller, request),
        verifyPassword: (userId, password) => users.passwords.verify(userId, password),
        provePassword: (userId, password) => users.passwords.provePassword(userId, password),
        hasMail: ports.mailer.isOn,
      },
      settings,
    ),
  );
  return { accounts, invitations, users, signIn };
}

/** Every module, each with what it needs of the engine and of others. One line per module. */
function addModules(modules: ModuleList, ports: ComposedPorts, engine: Registries & ComposedEngine) {
  const { execution, served, pool, kinds, stepKinds, publicUrl, settings, retention } = engine;
  const models = modules.add(modelsModule(ports, createJudge(ports, { kinds, stepKinds })));
  const fragments = modules.add(
    fragmentsModule(ports, { pool, read: (workspaceOfIds, ids) => readFragments(ports.store, pool, workspaceOfIds, ids) }),
  );
  const sharing = modules.add(sharingModule(ports));
  const workspace = async (id: string): Promise<Workspace> => assertFound(await ports.store.workspaces.get(id), "workspace", id);
  return {
    ...addPeople(modules, ports, { publicUrl, settings }),
    workspaces: modules.add(
      workspacesModule(ports, {
        firstBlocks: (workspaceId, page) => ports.store.blocks.list(workspaceId, {}, page),
        async presets(workspaceId) {
          const found = await ports.store.presets.getDefault(workspaceId);
          return found === null ? [] : [policyOf(found)];
        },
        pipelines: async (workspaceId) => pipelinesInForce(await ports.store.pipelines.list(workspaceId, { limit: 200 }), served),
        mountedOn: async (id) => sharing.directory.boardsOf(await workspace(id)),
        detach: async (id) => sharing.directory.detachAll(await workspace(id), { at: ports.clock.now() }),
        close: (before) => sharing.directory.closeAll(before),
        follow: (before, after) => sharing.directory.follow(before, after, { at: ports.clock.now() }),
        forget: (gone) => sharing.directory.forget(gone, { at: ports.clock.now() }),
        personalAccountId,
        bringDown: (run, reason) => execution.bringDown({ ...run, actor: ENGINE }, reason),
      }),
    ),
    settings: modules.add(settingsModule(ports, { pipeline: (workspaceId, id) => pipelineInForce(ports.store, served, workspaceId, id) })),
    sharing,
    board: modules.add(
      boardModule(ports, {
        pipeline: (workspaceId, id) => pipelineInForce(ports.store, served, workspaceId, id),
        resolve: sharing.resolveBlock,
        putLayout: (request) => sharing.putLayout(request),
        tearDown: (request) => execution.teardown(request),
        claimService: async (service) => sharing.directory.claim(await workspace(service.workspaceId), service),
        confirmService: async (service, by) => sharing.directory.confirm(await workspace(service.workspaceId), service, by),
        closeService: (home, serviceId, detach) => sharing.directory.close(home, serviceId, detach),
        withdrawService: (home, serviceId, by) => sharing.directory.withdraw(home, serviceId, by),
        modelIsKnown: async (_workspaceId, model) => models.isKnown(model),
        unknownFragments: (workspaceId, ids) => fragments.unknown(workspaceId, ids),
        defaultFragments: (workspaceId) => fragments.forNewService(workspaceId),
        summarize: (found, now) => taskRunSummary(found, stepKinds, now),
      }),
    ),
    boardScan: modules.add(boardScanModule(ports, sharing.resolveBlock)),
    models,
    fragments,
    pipelines: modules.add(
      pipelinesModule(ports, {
        registries: { kinds, stepKinds },
        served,
        off: (["environments", "tracker", "releases"] as const).filter((service) => !ports[service].isOn),
      }),
    ),
    presets: modules.add(presetsModule(ports)),
    notifications: modules.add(notificationsModule(ports)),
    mails: modules.add(mailsModule(ports)),
    retention: modules.add(retentionModule(ports, retention)),
    audit: modules.add(auditModule(ports)),
    reviews: modules.add(
      reviewsModule(ports, {
        readRun: (address) => execution.get(address),
        answerWait: (request) => execution.answer(request),
        reviewKinds: () => kinds.list().flatMap(({ id, step }) => (stepKinds.get(step).keepsReviews ? [id] : [])),
        keepsReviews: (state) => stepKinds.of(state).keepsReviews,
      }),
    ),
  };
}

/** The address of a user that the user has proven; null: there is none. */
function provenAddress(user: User | null): string | null {
  return user?.isEmailVerified === true ? user.email : null;
}
