/**
 * Doors of the model proxy on this machine: for each of them a folder (0700) with a Unix socket (0600), never a TCP port.
 *
 * 1. A connection has limits of its own: its number, the size of its headers, the time to send them and the body.
 * 2. Closing a door ends its connections and removes its folder; detaching leaves the folder, which a running sandbox sees.
 */
import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { createModelProxyHandler, type AdmittedAccess, type ModelAccess, type ModelProxyOptions } from "@millrace/executors";
import { MillraceError, throwUnwritable, type ModelDoor, type ModelGrant, type ModelProxy, type ModelSpend } from "@millrace/kernel";
import { makeFolder } from "./own-folder.js";
import { passOn } from "./model-proxy-requests.js";
import { sha256 } from "./sha256.js";

/** Limits of the connections of one door. */
export interface ListenerLimits {
  /** Connections at the same time; a further one is closed. Default: 32. */
  readonly connections: number;
  /** Size of the headers of a request in bytes. Default: 32 KiB. */
  readonly headerBytes: number;
  /** Time to send the headers of a request, in ms. Default: 10 s. */
  readonly headersMs: number;
  /** Time to send a whole request, in ms. Default: 60 s. */
  readonly requestMs: number;
}

/** Settings of the doors of a machine. */
export interface ModelProxySettings extends ModelProxyOptions {
  /** Folder of the sockets, for this user alone. Its path is short: a socket's has 103 bytes at most. */
  readonly folder: string;
  readonly listenerLimits?: Partial<ListenerLimits>;
  /** User and group that sandboxed processes run as, where they are not those of the host. Default: those of the host. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

const DEFAULTS: ListenerLimits = { connections: 32, headerBytes: 32 * 1024, headersMs: 10_000, requestMs: 60_000 };
/** Of `sun_path`, without its end, on the system that has the shortest. */
const LONGEST_PATH = 103;
const SOCKET = "model.sock";
const NAME_CHARS = 16;
const KEEP_ALIVE_MS = 30_000;

/**
 * Creates the model proxy of a machine. Opens nothing.
 *
 * @throws MillraceError `config_invalid` for a provider that a key must not be sent to.
 */
export function createModelProxy(settings: ModelProxySettings): ModelProxy {
  const handler = createModelProxyHandler(settings);
  const open = new Set<string>();
  return {
    isOn: true,
    async open(grant, keep) {
      const place = await placeOf(settings.folder, grant);
      if (open.has(place.folder)) throw alreadyOpen(grant);
      open.add(place.folder);
      try {
        const admitted = await handler.admit(grant, keep);
        const server = await listen(admitted.access, place, settings);
        return doorOf(admitted, { server, place, onClose: () => open.delete(place.folder) });
      } catch (error) {
        open.delete(place.folder);
        throw error;
      }
    },
  };
}

interface Place {
  readonly folder: string;
  readonly socket: string;
}

/** Whether the path of a socket in a folder for doors is short enough. */
export function isSocketFolder(folder: string): boolean {
  return Buffer.byteLength(join(folder, "x".repeat(NAME_CHARS), SOCKET)) <= LONGEST_PATH;
}

/** The same for the same key, so that a resumed door is where its client looks for it. */
async function placeOf(parent: string, { key }: ModelGrant): Promise<Place> {
  const digest = await sha256(key);
  const folder = join(parent, digest.slice(0, NAME_CHARS));
  if (isSocketFolder(parent)) return { folder, socket: join(folder, SOCKET) };
  throw new MillraceError("config_invalid", `the folder '${parent}' is too deep for a socket`, {
    fix: `choose a folder for sockets with a path of at most ${LONGEST_PATH - NAME_CHARS - SOCKET.length - 2} bytes`,
    details: { folder: parent },
  });
}

function alreadyOpen({ key }: ModelGrant): MillraceError {
  return new MillraceError("conflict", `the model door of '${key}' is open already`, {
    fix: "close the open door first",
    details: { key },
  });
}

async function listen(access: ModelAccess, place: Place, settings: ModelProxySettings): Promise<Server> {
  const limits = { ...DEFAULTS, ...settings.listenerLimits };
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(limits.headersMs, limits.requestMs),
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs, limits.requestMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      passOn(access.handle, incoming, outgoing).catch(() => outgoing.destroy());
    },
  );
  server.maxConnections = limits.connections;
  try {
    await makePlace(place, settings.folder);
    server.listen(place.socket);
    await once(server, "listening");
    await chmod(place.socket, 0o600);
    await giveTo(settings.owner, place);
    return server;
  } catch (error) {
    server.close();
    return throwUnwritable(place.folder, error);
  }
}

/** The folder stays when it is there: a sandbox that outlived the process before sees it. What is left of that process' socket goes. */
async function makePlace({ folder, socket }: Place, parent: string): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await makeFolder(parent);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await rm(socket, { force: true });
}

async function giveTo(owner: ModelProxySettings["owner"], { folder, socket }: Place): Promise<void> {
  if (owner === undefined) return;
  await chown(socket, owner.uid, owner.gid);
  await chown(folder, owner.uid, owner.gid);
}

interface OpenedDoor {
  readonly server: Server;
  readonly place: Place;
  readonly onClose: () => void;
}

function doorOf({ token, access }: AdmittedAccess, { server, place, onClose }: OpenedDoor): ModelDoor {
  const close = async (leftover: string): Promise<ModelSpend> => {
    const closed = once(server, "close");
    server.close();
    const spend = await access.close();
    server.closeAllConnections();
    await closed;
    await rm(leftover, { recursive: true, force: true });
    onClose();
    return spend;
  };
  let closing: Promise<ModelSpend> | null = null;
  const closeOnce = (leftover: string): Promise<ModelSpend> => (closing ??= close(leftover));
  return {
    socket: place.socket,
    token,
    formats: access.formats,
    record: () => access.record(),
    close: () => closeOnce(place.folder),
    detach: () => closeOnce(place.socket),
    async [Symbol.asyncDispose]() {
      await closeOnce(place.folder);
    },
  };
}
