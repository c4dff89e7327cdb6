import {
  EVENT_SHAPE_VERSION,
  type AccountEventBody,
  type Actor,
  type BoardEvent,
  type BoardEventBody,
  type HostEventBody,
} from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { ENGINE } from "./actor.logic.js";

/** Actor of the event, by default the engine, and its time in epoch ms. */
export interface Authorship {
  readonly at: number;
  readonly actor?: Actor;
  /** Id of the person that the actor acted for. Default: none. */
  readonly onBehalfOf?: string;
}

/** Fields of every event written now. */
function recordFields({ at, actor = ENGINE, onBehalfOf }: Authorship): Omit<BoardEvent, "event"> {
  return { version: EVENT_SHAPE_VERSION, at, actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
}

/** An event of a workspace outside its runs, in the shape written now. */
export function boardEvent(by: Authorship, event: BoardEventBody): BoardEvent {
  return { ...recordFields(by), event };
}

/** The change that appends it to the workspace's log. */
export function appendBoardEvent(workspaceId: string, by: Authorship, event: BoardEventBody): Change {
  return { change: "append-board-event", workspaceId, event: boardEvent(by, event) };
}

/** The change that appends an event to the log of an account. */
export function appendAccountEvent(accountId: string, by: Authorship, event: AccountEventBody): Change<"append-account-event"> {
  return { change: "append-account-event", accountId, event: { ...recordFields(by), event } };
}

/** The change that appends an event to the log of the host. */
export function appendHostEvent(by: Authorship, event: HostEventBody): Change<"append-host-event"> {
  return { change: "append-host-event", event: { ...recordFields(by), event } };
}
