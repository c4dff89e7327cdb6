import { EVENT_SHAPE_VERSION, type Actor, type BoardEvent, type BoardEventBody } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { ENGINE } from "./actor.logic.js";

/** Actor and time (epoch ms) of an event. Default actor: the engine. */
export interface Authorship {
  readonly at: number;
  readonly actor?: Actor;
}

/** An event of a workspace outside its runs, in the shape written now. */
export function boardEvent({ at, actor = ENGINE }: Authorship, event: BoardEventBody): BoardEvent {
  return { version: EVENT_SHAPE_VERSION, at, actor, event };
}

/** The change that appends it to the workspace's log. */
export function appendBoardEvent(workspaceId: string, by: Authorship, event: BoardEventBody): Change {
  return { change: "append-board-event", workspaceId, event: boardEvent(by, event) };
}
