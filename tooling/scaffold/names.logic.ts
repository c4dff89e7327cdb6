/** The spellings of a name, as templates use them. */
export interface Names {
  /** `security-scan`: files and values. */
  readonly name: string;
  /** `securityScan`: values of a module. */
  readonly camel: string;
  /** `SecurityScan`: types. */
  readonly Name: string;
  /** `SECURITY_SCAN`: constants. */
  readonly NAME: string;
  /** `security_scan`: tables, columns, error codes. */
  readonly snake: string;
  /** `security scan`: words in a sentence. */
  readonly words: string;
  /** `SEC`: rows of the operation table. */
  readonly code: string;
  /** The same of one of them, where the name is a plural: `schedule` of `schedules`. Without a plural, the same as above. */
  readonly one: string;
  readonly oneCamel: string;
  readonly One: string;
  readonly oneSnake: string;
  readonly oneWords: string;
}

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/;
const MIN = 3;
const MAX = 40;

/** What is wrong with a name; null: nothing. A name is kebab-case and has 3 to 40 characters. */
export function wrongName(name: string): string | null {
  if (name.length < MIN || name.length > MAX) return `it has ${name.length} characters, and ${MIN} to ${MAX} are allowed`;
  return KEBAB.test(name) ? null : "it is not kebab-case: lower-case letters and digits, words joined by one hyphen";
}

/** What is wrong with a name of several things; null: it is a plural. */
export function notPlural(name: string): string | null {
  return singular(name) === name ? "it is no plural, and its rows need a singular" : null;
}

export function namesOf(name: string): Names {
  const one = singular(name);
  return {
    name,
    camel: camelCase(name),
    Name: pascalCase(name),
    NAME: snakeCase(name).toUpperCase(),
    snake: snakeCase(name),
    words: name.replaceAll("-", " "),
    code: snakeCase(name).replaceAll("_", "").slice(0, 3).toUpperCase(),
    one,
    oneCamel: camelCase(one),
    One: pascalCase(one),
    oneSnake: snakeCase(one),
    oneWords: one.replaceAll("-", " "),
  };
}

/** `schedules` → `schedule`, `policies` → `policy`; a name that is no plural stays. */
function singular(name: string): string {
  if (name.endsWith("ies")) return `${name.slice(0, -3)}y`;
  return name.endsWith("s") && !name.endsWith("ss") ? name.slice(0, -1) : name;
}

function pascalCase(name: string): string {
  return name
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return pascal.slice(0, 1).toLowerCase() + pascal.slice(1);
}

function snakeCase(name: string): string {
  return name.replaceAll("-", "_");
}
