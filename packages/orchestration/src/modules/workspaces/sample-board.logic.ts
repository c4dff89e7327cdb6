/** The sample board: a service with a module and a few tasks, none of which was worked on. */
import type { Block } from "@millrace/contracts";
import { emptyBlock } from "../../platform/empty-block.js";

type Place = Pick<Block, "workspaceId" | "createdAt"> & { readonly nextId: () => string };

/** Blocks with fresh ids: a second board with the same sample shares nothing with the first (T2, T3). */
export function sampleBoard({ nextId, ...place }: Place): readonly Block[] {
  const block = (known: Pick<Block, "level" | "parentId" | "title" | "description">): Block =>
    emptyBlock({ ...place, id: nextId(), ...known });
  const service = block({
    level: "service",
    parentId: null,
    title: "Auth service",
    description: "Signs people in and keeps their sessions.",
  });
  const sessions = block({ level: "module", parentId: service.id, title: "Sessions", description: "How long somebody stays signed in." });
  const task = (parentId: string, title: string, description: string): Block => block({ level: "task", parentId, title, description });
  return [
    service,
    sessions,
    task(service.id, "Login endpoint", "POST /login takes an address and a password, and answers with a session."),
    task(service.id, "Token refresh", "POST /refresh answers with a new token while the session lasts."),
    task(sessions.id, "Session store", "Sessions outlive a restart, and end after 30 days without use."),
  ];
}
