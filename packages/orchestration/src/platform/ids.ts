import type { IdSource } from "@millrace/kernel";
import { customAlphabet } from "nanoid";

/*! Bundled with nanoid: MIT License, Copyright 2017 Andrey Sitnik */

const random = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 16);

/** Random ids of 16 lower-case letters and digits behind their prefix: `run_4f0…`. Safe as a file name, a ref name and a URL part. */
export const randomIds: IdSource = { next: (prefix) => `${prefix}_${random()}` };
