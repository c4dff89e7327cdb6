/** Validates requests to the stand-in and its responses against GitHub's OpenAPI description. */
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import type { Exchange } from "@millrace/testing/github";

interface Media {
  readonly schema?: object;
}
interface DescribedBody {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}
interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: DescribedBody;
  readonly responses: Readonly<Record<string, DescribedBody>>;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, DescribedBody & Parameter>>>>;
}

const ID = "github";
/** Status codes that any operation may return, even where its description does not list them. */
const ANY_OPERATION = new Set([401, 403, 404, 405, 406, 409, 422, 429, 500, 502, 503]);

/** Collects mismatches in `problems`, which stays empty when everything fits. */
export class OpenApiInspector {
  readonly problems: string[] = [];
  readonly seen = new Set<string>();
  readonly #description: Description;
  readonly #ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
  readonly #compiled = new Map<string, ValidateFunction | null>();

  constructor() {
    const text = readFileSync(new URL("../../fixtures/github/openapi.json", import.meta.url), "utf8");
    this.#description = JSON.parse(text) as Description;
    this.#ajv.addSchema({ $id: ID, ...(JSON.parse(text) as object) });
  }

  readonly inspect = (exchange: Exchange): void => {
    const [method = "", path = ""] = exchange.operation.split(" ");
    const operation = this.#description.paths[path]?.[method.toLowerCase()];
    const tell = (problem: string): void => void this.problems.push(`${exchange.operation} ${String(exchange.status)}: ${problem}`);
    if (operation === undefined) return tell("is not described");
    this.seen.add(exchange.operation);
    const known = new Set((operation.parameters ?? []).map((one) => this.#resolve(one).name));
    for (const name of Object.keys(exchange.query)) if (!known.has(name)) tell(`has no parameter '${name}'`);
    const at = `#/paths/${escape(path)}/${method.toLowerCase()}`;
    if (operation.requestBody !== undefined) this.#check(`${at}/requestBody`, operation.requestBody, exchange.requestBody, tell);
    const described = operation.responses[String(exchange.status)];
    if (described === undefined) {
      if (!ANY_OPERATION.has(exchange.status)) tell("is no documented status");
      return;
    }
    // The description knows the JSON of an operation only, not its other media types.
    if (!exchange.isText) this.#check(`${at}/responses/${String(exchange.status)}`, described, exchange.responseBody, tell);
  };

  #resolve<T extends { readonly $ref?: string }>(one: T): DescribedBody & Parameter {
    if (one.$ref === undefined) return one;
    const [, , kind = "", name = ""] = one.$ref.split("/");
    return this.#description.components[kind]?.[name] ?? {};
  }

  #check(at: string, given: DescribedBody, value: unknown, tell: (problem: string) => void): void {
    const described = this.#resolve(given);
    const media = described.content?.["application/json"];
    if (media?.schema === undefined) {
      if (value !== null && described.content !== undefined) tell("has a body of another type");
      return;
    }
    const pointer = `${given.$ref ?? at}/content/application~1json/schema`;
    const validate = this.#compiled.get(pointer) ?? this.#ajv.compile({ $ref: `${ID}${pointer}` });
    this.#compiled.set(pointer, validate);
    if (validate(value) !== true)
      tell((validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`).join("; "));
  }
}

function escape(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
}
