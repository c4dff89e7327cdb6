import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gitEnvironment } from "./bare-repository.js";

export interface GitRequest {
  /** Folder that contains `owner/name.git`. */
  readonly root: string;
  /** Path with its leading slash: `/owner/name.git/info/refs`. */
  readonly path: string;
  readonly query: string;
}

/** Runs `git http-backend` as a CGI program for a request. Resolves when git has exited. */
export function serveGit(request: IncomingMessage, response: ServerResponse, { root, path, query }: GitRequest): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn("git", ["http-backend"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: {
        ...gitEnvironment(),
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method ?? "GET",
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        ...(request.headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: request.headers["content-length"] }),
        ...(request.headers["content-encoding"] === undefined ? {} : { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] }),
        ...(typeof request.headers["git-protocol"] === "string" ? { GIT_PROTOCOL: request.headers["git-protocol"] } : {}),
        REMOTE_USER: "millrace",
        REMOTE_ADDR: "127.0.0.1",
      },
    });
    const chunks: Buffer[] = [];
    child.stdin.on("error", () => undefined);
    request.pipe(child.stdin);
    child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
    child.once("error", () => {
      response.writeHead(500).end();
      resolve();
    });
    child.once("close", () => {
      answer(response, Buffer.concat(chunks));
      resolve();
    });
  });
}

/** Writes a CGI response: header lines, an empty line, the body. */
function answer(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf("\r\n\r\n");
  const lines = output.subarray(0, Math.max(0, end)).toString("latin1").split("\r\n");
  let status = end < 0 ? 500 : 200;
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = Number(value.slice(0, 3));
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(output.subarray(end + 4));
}
