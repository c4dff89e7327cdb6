export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A command as a completion script needs it. */
export interface CompletionNode {
  readonly name: string;
  readonly about: string;
  readonly options: readonly { readonly name: string; readonly about: string; readonly values: readonly string[] }[];
  /** Values of its arguments, where there is a choice of them. */
  readonly values: readonly string[];
  readonly children: readonly CompletionNode[];
}

/** Script that completes the words of a program in a shell. */
export function completionScript(shell: Shell, program: CompletionNode): string {
  switch (shell) {
    case "bash":
      return bashScript(program);
    case "zsh":
      // The words are the same; zsh runs scripts of bash.
      return `#compdef ${program.name}\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(program)}`;
    case "fish":
      return fishScript(program);
  }
}

/** Every command with the words in front of it, the program itself first. */
function paths(node: CompletionNode, before: readonly string[] = []): readonly (readonly [readonly string[], CompletionNode])[] {
  return [[before, node] as const, ...node.children.flatMap((child) => paths(child, [...before, child.name]))];
}

function wordsOf({ children, options, values }: CompletionNode): readonly string[] {
  return [...children.map(({ name }) => name), ...values, ...options.map(({ name }) => name)];
}

function bashScript(program: CompletionNode): string {
  const all = paths(program);
  const words = all.map(([path, node]) => `    ${quoted(path.join(" "))}) words=${quoted(wordsOf(node).join(" "))} ;;`);
  const values = all.flatMap(([path, { options }]) =>
    options.flatMap(({ name, values: choices }) =>
      choices.length === 0 ? [] : [`    ${quoted([...path, name].join(" "))}) words=${quoted(choices.join(" "))} ;;`],
    ),
  );
  const parents = all.flatMap(([path, { children }]) => children.map(({ name }) => quoted([...path, name].join(" "))));
  return `_${program.name}_completion() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${parents.join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${words.join("\n")}
  esac
  case "\${path:+$path }$before" in
${values.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${program.name}_completion ${program.name}
`;
}

function fishScript(program: CompletionNode): string {
  const line = (path: readonly string[], rest: string): string => {
    const [first, second] = path;
    const condition =
      first === undefined
        ? "__fish_use_subcommand"
        : second === undefined
          ? `__fish_seen_subcommand_from ${first}`
          : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    return `complete -c ${program.name} -n ${quoted(condition)} ${rest}`;
  };
  const lines = paths(program).flatMap(([path, node]) => [
    ...node.children.map(({ name, about }) => line(path, `-f -a ${name} -d ${quoted(about)}`)),
    ...node.values.map((value) => line(path, `-f -a ${value}`)),
    ...node.options.map(({ name, about, values }) =>
      line(path, `-l ${name.slice(2)}${values.length === 0 ? "" : ` -x -a ${quoted(values.join(" "))}`} -d ${quoted(about)}`),
    ),
  ]);
  return `${lines.join("\n")}\n`;
}

/** A text in the single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
