// How requests are sent: to which service, and with whose key.
import { key, url } from "./story";

export async function fetchSurety<T>(path: string, options: RequestInit): Promise<T> {
  const headers = { ...Object.fromEntries(new Headers(options.headers)), authorization: `Bearer ${key}` };
  const reply = await fetch(url + path, { ...options, headers });
  return { data: await reply.json(), status: reply.status, headers: reply.headers } as T;
}
