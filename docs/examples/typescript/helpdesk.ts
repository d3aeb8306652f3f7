/**
 * A helpdesk whose sidebar shows what the customer has, and whose tickets are paid and timed.
 *
 * Run Surety (`SURETY_WEBHOOK_ALLOWED_NETWORKS=127.0.0.1/32 make run`) and this beside it, with the
 * key of a helpdesk (`surety keys create helpdesk --name desk`), then open http://localhost:8200:
 *
 *     cd docs/examples/typescript && npm install && npm run build
 *     SURETY_KEY=surety_sk_... node build/helpdesk.js
 *
 * Settings are SURETY_URL, SURETY_KEY, PORT, and SURETY_WEBHOOK_SECRET, which was shown when the
 * webhook was made.
 */

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Refused, call, escape, fetchPage, page, serve, type Answer, type Problem } from "./surety.ts";

const port = Number(process.env.PORT ?? 8200);
const webhookSecret = process.env.SURETY_WEBHOOK_SECRET ?? "";

interface Kept {
  customer: string;
  subject: string;
  alerts: string[];
}
interface Ticket {
  status: "open" | "paused" | "resolved";
  charge: { status: string; unit: string | null; amount: number };
  deadlines: { metric: string; status: string; due_at: string | null }[];
}

// What a helpdesk keeps: whose ticket it is, what is written, and what Surety told of it.
const tickets = new Map<string, Kept>();
const told = new Set<string>();

/** Return whose address it is; the summary has all that a sidebar shows. */
async function findCustomer(email: string): Promise<string> {
  const path = `/v1/summary?email=${encodeURIComponent(email)}`;
  return (await call<{ account_id: string }>("GET", path)).account_id;
}

/** Return what a ticket asks for, with what was chosen since: a severity, a category, a site. */
function readWanted(form: Record<string, string>): Record<string, unknown> {
  return { subject: form.subject, channel: form.channel, ...JSON.parse(form.chosen ?? "{}") };
}

/** Say what opening would cost and by when an answer would be owed; nothing is written. */
async function ask(form: Record<string, string>): Promise<string> {
  const path = `/v1/accounts/${await findCustomer(form.email!)}/coverage`;
  const found = await call<{ text: string; refusal: Problem | null }>("POST", path, readWanted(form));
  if (found.refusal?.choices) throw new Refused(found.refusal);
  return found.text;
}

/** Open a ticket: its units are held, and its clocks run. */
async function openTicket(form: Record<string, string>): Promise<void> {
  const customer = await findCustomer(form.email!);
  const body = { ticket_id: form.ticket, requester: form.email, ...readWanted(form) };
  await call("POST", `/v1/accounts/${customer}/tickets`, body);
  tickets.set(form.ticket!, { customer, subject: form.subject!, alerts: [] });
}

/** Report what happened to a ticket; a form sent twice happens once, by its note. */
async function act(name: string, action: string, note: string): Promise<void> {
  const path = `/v1/accounts/${tickets.get(name)?.customer}/tickets/${name}`;
  if (action === "agent" || action === "customer") {
    await call("POST", `${path}/replies`, { by: action }, note);
  } else if (action === "pause") {
    await call("POST", `${path}/pause`, { waiting_on: "customer" }, note);
  } else if (action === "resume") {
    await call("POST", `${path}/resumption`, {}, note);
  } else {
    await call("POST", `${path}/resolution`, { outcome: action }, note);
  }
}

/** Take an event that Surety sends: signed (Standard Webhooks), perhaps more than once. */
function takeEvent(payload: string, request: IncomingMessage): Answer {
  // Anybody can sign with an empty secret.
  if (!webhookSecret) return { status: 400, content: "SURETY_WEBHOOK_SECRET is not set." };
  const sent = String(request.headers["webhook-id"] ?? "");
  const at = String(request.headers["webhook-timestamp"] ?? "");
  const key = Buffer.from(webhookSecret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${sent}.${at}.${payload}`).digest("base64");
  const wanted = Buffer.from(`v1,${digest}`);
  const fresh = Math.abs(Date.now() / 1000 - Number(at)) < 300;
  const signed = String(request.headers["webhook-signature"] ?? "")
    .split(" ")
    .map((each) => Buffer.from(each))
    .some((each) => each.length === wanted.length && timingSafeEqual(each, wanted));
  if (!fresh || !signed) return { status: 400, content: "The signature is not Surety's." };
  if (!told.has(sent)) {
    told.add(sent);
    const event = JSON.parse(payload);
    const ticket = tickets.get(event.data.ticket_id);
    if (ticket && event.type.startsWith("deadline.")) {
      ticket.alerts.push(`${event.type}: ${event.data.metric}`);
    }
  }
  return { status: 204 };
}

function showTickets(): string {
  const rows = [...tickets]
    .map(([name, each]) => `<li><a href="/tickets/${name}">${name}</a> ${escape(each.subject)}</li>`)
    .join("");
  return `<main><h1>Tickets</h1><ul>${rows}</ul><form method="post" action="/tickets">
<input type="hidden" name="ticket" value="HD-${randomUUID().slice(0, 6)}">
<p><label>From <input name="email" type="email" required></label></p>
<p><label>Subject <input name="subject" required></label></p>
<p><label>Channel <select name="channel"><option>ticket<option>email<option>chat<option>phone
</select></label></p>
<p><button name="wish" value="ask">May they?</button>
<button name="wish" value="open">Open</button></p></form></main>`;
}

/** Show what a refusal offers for the field that it is about, to be sent with all the rest. */
function showChoices(form: Record<string, string>, problem: Problem): string {
  const field = (problem.errors?.[0]?.pointer ?? "").slice(1);
  const options = (problem.choices ?? []).map((each) => {
    const chosen = { ...JSON.parse(form.chosen ?? "{}"), [field]: each.value };
    const said = `<b>${escape(each.name)}</b> ${escape(each.definition ?? "")}`;
    const value = `name="chosen" value="${escape(JSON.stringify(chosen))}"`;
    return `<p><label><input type="radio" ${value} required> ${said}</label></p>`;
  });
  const sent = Object.entries(form)
    .filter(([name]) => name !== "chosen")
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`);
  const label = field.charAt(0).toUpperCase() + field.slice(1);
  return `<main><p>${escape(problem.detail)}</p><form method="post" action="/tickets">${sent.join("")}
<fieldset><legend>${escape(label)}</legend>${options.join("")}</fieldset>
<p><button>Go on</button></p></form></main>`;
}

async function showTicket(name: string, kept: Kept): Promise<string> {
  const ticket = await call<Ticket>("GET", `/v1/accounts/${kept.customer}/tickets/${name}`);
  const clocks = ticket.deadlines.map((each) => {
    const due = each.due_at ? `, due ${each.due_at}` : "";
    return `<li>${each.metric.replaceAll("_", " ")}: ${each.status}${due}</li>`;
  });
  const alerts = kept.alerts.map((each) => `<li><strong>${escape(each)}</strong></li>`);
  const waiting = ticket.status === "paused" ? "resume" : "pause";
  const choices =
    ticket.status === "resolved"
      ? []
      : ["agent", "customer", waiting, "solved", "vendor_defect"];
  const buttons = choices
    .map((each) => `<button name="action" value="${each}">${each.replace("_", " ")}</button>`)
    .join(" ");
  const { status, amount, unit } = ticket.charge;
  return `<main><p><a href="/">All tickets</a></p><h1>${name} ${escape(kept.subject)}</h1>
<p>${ticket.status}, charge ${status} (${amount} ${unit ?? ""})</p>
<ul>${clocks.join("")}${alerts.join("")}</ul><form method="post" action="/tickets/${name}">
<input type="hidden" name="note" value="${randomUUID()}">${buttons}</form></main>
<iframe title="Customer" src="/customers/${encodeURIComponent(kept.customer)}"></iframe>`;
}

const style = `body { display: flex; flex-wrap: wrap; gap: 2rem } main { flex: 2 1 20rem }
iframe { border: 0; flex: 1 1 20rem; min-height: 34rem }`;

serve(port, "helpdesk", async (method, path, body, request) => {
  const show = (content: string): Answer => ({
    status: 200,
    content: page("Helpdesk", content, style),
  });
  const [what = "", name = ""] = path;
  const kept = tickets.get(name);
  if (method === "GET") {
    if (what === "") return show(showTickets());
    if (what === "tickets" && kept) return show(await showTicket(name, kept));
    if (what === "customers") {
      return { status: 200, content: await fetchPage(`/v1/accounts/${name}/summary`) };
    }
    return { status: 404 };
  }
  if (what === "webhooks") return takeEvent(body, request);
  const form = Object.fromEntries(new URLSearchParams(body)) as Record<string, string>;
  if (kept) {
    await act(name, form.action!, form.note!);
    return { status: 303, location: `/tickets/${name}` };
  }
  try {
    if (form.wish === "ask") return show(`<main><p>${escape(await ask(form))}</p></main>`);
    await openTicket(form);
  } catch (error) {
    if (error instanceof Refused && error.problem.choices) {
      return show(showChoices(form, error.problem));
    }
    throw error;
  }
  return { status: 303, location: `/tickets/${form.ticket}` };
});
