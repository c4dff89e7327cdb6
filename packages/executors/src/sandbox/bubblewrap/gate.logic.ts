/**
 * The gate: the first program inside a sandbox, which lets the other one begin.
 *
 * `--die-with-parent` takes hold only after bubblewrap has begun: when the starter is killed before, nothing ends the sandbox. So nothing of
 * the other program runs until the gate has said that everything is set up and the starter, alive, has answered. At the end of file, which
 * is the end of the starter, the gate ends.
 */
import type { SandboxLimits } from "@millrace/kernel";

/** Descriptor of the socket between gate and starter. The shell knows no descriptor of two digits. */
export const GATE_DESCRIPTOR = 3;

/** What the gate says. */
export const GATE_SAYS = { ready: "r", noProgram: "m" } as const;

/** Answer of the starter. */
export const GATE_ANSWER = "go\n";

/** `sh -c <script> gate <option of prlimit>... -- <program>...` */
const GATE_SCRIPT = `
limits=
while [ "$1" != -- ]; do limits="$limits $1"; shift; done
shift
case $1 in
  */*) [ -f "$1" ] && [ -x "$1" ] ;;
  *) command -v -- "$1" >/dev/null ;;
esac || { printf ${GATE_SAYS.noProgram} >&${GATE_DESCRIPTOR}; exit 127; }
printf ${GATE_SAYS.ready} >&${GATE_DESCRIPTOR}
read -r answer <&${GATE_DESCRIPTOR} || exit 125
exec /usr/bin/prlimit $limits -- "$@" ${GATE_DESCRIPTOR}>&-`;

/**
 * The command line of the gate. Limits of each process are set inside: outside, the limit of processes would count all processes of the
 * host's user. `memory`: also that of memory, where no control group holds it.
 */
export function gateCommand(
  argv: readonly [string, ...string[]],
  limits: SandboxLimits,
  { memory }: { readonly memory: boolean },
): readonly string[] {
  const { processes, fileBytes, memoryBytes } = limits;
  const options = ["--core=0", `--fsize=${fileBytes}`, `--nproc=${processes}`, ...(memory ? [`--data=${memoryBytes}`] : [])];
  return ["/bin/sh", "-c", GATE_SCRIPT, "gate", ...options, "--", ...argv];
}
