import type { Cradle } from "../wiring/container.js";
import type { Challenge } from "./person.js";

/** The credential of a request; empty where there is none, which the engine refuses and tells people. Null: the person said no. */
export async function proofOf(
  { person, output }: Pick<Cradle, "person" | "output">,
  challenge: Challenge,
): Promise<{ readonly credential?: string } | null> {
  const proof = await person.credential(challenge);
  if (proof.is === "given") return { credential: proof.credential };
  if (proof.is === "none") return {};
  output.note("nothing was done");
  return null;
}
