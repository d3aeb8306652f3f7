/** Calls of Surety, and a small server: what the two examples share. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const address = process.env.SURETY_URL ?? "http://localhost:8000";
const key = process.env.SURETY_KEY;
if (!key) throw new Error("Set SURETY_KEY to a key of Surety's.");

/** A refusal (RFC 9457): `code` is for programs, `detail` for people. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  offers?: { offer: string; name: string }[];
  errors?: { pointer: string; detail: string }[];
  choices?: { value: string | number; name: string; definition?: string }[];
}

export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Call Surety, again where that may help: what has the same id or key happens once. */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  idempotencyKey?: string,
): Promise<T> {
  for (const pause of [200, 1000, 3000, null]) {
    try {
      const reply = await fetch(address + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...(idempotencyKey ? { "idempotency-key": idempotencyKey } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(10_000),
      });
      if (reply.ok) return (await reply.json()) as T;
      if (pause === null || ![429, 500, 502, 503, 504].includes(reply.status)) {
        throw new Refused((await reply.json()) as Problem);
      }
    } catch (error) {
      if (error instanceof Refused || pause === null) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error("unreachable");
}

/** Return a page that Surety draws; the key stays here, and no browser has it. */
export async function fetchPage(path: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, accept: "text/html" };
  return await (await fetch(address + path, { headers })).text();
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export interface Answer {
  status: number;
  content?: string;
  location?: string;
}

export type Handler = (
  method: string,
  path: string[],
  body: string,
  request: IncomingMessage,
) => Promise<Answer>;

/** Serve on localhost; what Surety refuses is shown, and whatever else goes wrong is a 502. */
export function serve(port: number, name: string, handle: Handler): void {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    let found: Answer;
    try {
      const path = (request.url ?? "/").split("/").slice(1);
      found = await handle(request.method ?? "GET", path, Buffer.concat(parts).toString(), request);
    } catch (error) {
      const said = escape(error instanceof Error ? error.message : String(error));
      const offers = error instanceof Refused ? (error.problem.offers ?? []) : [];
      const helping = offers.map((each) => `<li>${escape(each.name)}</li>`).join("");
      found = {
        status: error instanceof Refused ? 409 : 502,
        content: `<main><p>${said}</p><ul>${helping}</ul></main>`,
      };
    }
    const headers = { "content-type": "text/html; charset=utf-8" };
    response.writeHead(found.status, found.location ? { location: found.location } : headers);
    response.end(found.content);
  };
  createServer((request, response) => void answer(request, response)).listen(port, "127.0.0.1", () =>
    console.log(`The ${name} is at http://localhost:${port}`),
  );
}

export function page(title: string, content: string, style = ""): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root { color-scheme: light dark } body { font: 1rem/1.5 system-ui; margin: 1rem auto;
max-width: 60rem; padding: 0 1rem } ${style}</style>${content}</html>`;
}
