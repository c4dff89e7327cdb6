/**
 * Before a deed of a person is accepted: the host's check is asked whether its caller is that person (promise P5). A refusal changes
 * nothing and is told to people, because it may be an agent that tried.
 */
import type { Actor, Deed, Run } from "@millrace/contracts";
import { isMillraceError, logFailure, type MillraceError } from "@millrace/kernel";
import { requirePerson } from "../../platform/actor.logic.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { raiseNotification, resolveNotification } from "../model/notification.logic.js";

/** The person behind a request, and what proves it. */
export interface ByPerson {
  readonly actor: Actor;
  /** What the host's check takes: a token, a session. Never stored. Default: none was brought. */
  readonly credential?: string | undefined;
}

/** A deed, and the run that it concerns; null: one of the workspace. */
export interface DeedOf {
  readonly deed: Deed;
  readonly workspaceId: string;
  readonly run: Pick<Run, "id" | "blockId"> | null;
}

export type PersonPorts = Pick<OrchestrationPorts, "store" | "clock" | "log" | "persons">;

const REFUSALS = ["unauthenticated", "invalid_credentials", "forbidden_actor"] as const;
const REFUSED = "deed_refused";

/**
 * The actor of a deed, with how it was proven to be a person.
 * @throws MillraceError `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
 */
export async function provePerson(ports: PersonPorts, { actor, credential }: ByPerson, of: DeedOf): Promise<Actor> {
  const { deed, workspaceId } = of;
  const { type, id } = actor;
  try {
    requirePerson(actor, "only people decide what merges and what is spent");
    const proof = await ports.persons.prove({ deed, workspaceId, person: id, credential: credential ?? null });
    await closeRefusal(ports, of);
    return proof === null ? { type: "human", id } : { type: "human", id, proof };
  } catch (error) {
    if (REFUSALS.some((code) => isMillraceError(error, code)) && isMillraceError(error))
      await tell(ports, `${type} '${id}'`, of, error).catch((failure: unknown) =>
        logFailure(ports.log, "refusal-untold", failure, { workspaceId }),
      );
    throw error;
  }
}

/** On a run, a notification that is raised once, however often it is tried: what an agent repeats fills no log. */
async function tell(
  { store, clock, log }: PersonPorts,
  claimed: string,
  { deed, workspaceId, run }: DeedOf,
  error: MillraceError,
): Promise<void> {
  const by = { at: clock.now() };
  logFailure(log, "deed-refused", error, { workspaceId, runId: run?.id ?? null, deed, claimed });
  const workspace = await store.workspaces.get(workspaceId);
  if (workspace === null) return;
  if (run === null)
    return void (await store.commit([
      appendBoardEvent(workspaceId, by, { type: "deed-refused", deed, claimed: claimed.slice(0, 200), code: error.code }),
    ]));
  const draft = {
    id: refusalId(run.id),
    type: REFUSED,
    title: `refused, without proof of a person: ${deed}`,
    body: `A caller that said to be ${claimed} wanted to do what only people do, and was refused: ${error.message}. If it was not you, it may have been an agent.`,
  };
  await store.commit([raiseNotification({ ...run, workspaceId }, workspace, by, draft)]);
}

/** A proven deed on the run shows that a person has been there. */
async function closeRefusal({ store, clock }: PersonPorts, { workspaceId, run }: DeedOf): Promise<void> {
  if (run === null) return;
  const told = await store.notifications.get(workspaceId, refusalId(run.id));
  if (told?.status === "open") await store.commit([resolveNotification(told, "acted", { at: clock.now() })]);
}

const refusalId = (runId: string): string => `${runId}/refused`;
