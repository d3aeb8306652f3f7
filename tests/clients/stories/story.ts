// What every story is given: the service, a key, the customer, the catalogue's code, and the
// README's own bodies.
import { readFileSync } from "node:fs";

const [, , service, secret, customer, code] = process.argv;
if (!service || !secret || !customer || !code) throw new Error("give all four");

export const url = service;
export const key = secret;
export const account = customer;
export const catalog = code;

const bodies: Record<string, unknown> = JSON.parse(readFileSync("readme.json", "utf-8"));

export function read<Body>(name: string): Body {
  return bodies[name] as Body;
}

export function show(replies: unknown[]): void {
  console.log(JSON.stringify(replies));
}
