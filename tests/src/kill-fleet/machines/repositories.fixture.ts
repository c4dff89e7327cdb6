/** Bare repositories of a fleet with real jobs, and what is on their base in the end. */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { initLocalRepository } from "@millrace/integrations";
import { bareOf, type Place } from "./host.fixture.js";

/** The base branch of a repository. */
export interface Mainline {
  readonly repository: string;
  /** First-parent commits after the first, oldest first. */
  readonly commits: readonly string[];
  /** Text of each file below `work` by path. */
  readonly files: Readonly<Record<string, string>>;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" };
  return (await promisify(execFile)("git", [...args], { cwd, env, maxBuffer: 32 * 1024 * 1024 })).stdout.trim();
}

export async function makeRepositories(place: Pick<Place, "repositories">, ids: readonly string[]): Promise<void> {
  const source = join(place.repositories, "source");
  await mkdir(source, { recursive: true });
  await git(source, "init", "-q", "-b", "main");
  await writeFile(join(source, "readme.md"), "sample\n");
  await git(source, "add", "-A");
  await git(source, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first");
  for (const id of ids) await initLocalRepository({ path: bareOf(place, id), from: source });
  await rm(source, { recursive: true });
}

export async function mainlineOf(place: Pick<Place, "repositories">, repository: string): Promise<Mainline> {
  const bare = bareOf(place, repository);
  const commits = (await git(bare, "rev-list", "--first-parent", "--reverse", "refs/heads/main")).split("\n").slice(1);
  const paths = (await git(bare, "ls-tree", "-r", "--name-only", "refs/heads/main", "work/")).split("\n").filter((path) => path !== "");
  const files = await Promise.all(paths.map(async (path) => [path, await git(bare, "show", `refs/heads/main:${path}`)] as const));
  return { repository, commits, files: Object.fromEntries(files) };
}
