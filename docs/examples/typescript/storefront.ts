/**
 * A checkout that sells support plans: quote, order, payment, and what was bought.
 *
 * Run Surety (`make run`) and this beside it, with the key of a storefront (`surety keys create
 * storefront --name shop`), then open http://localhost:8100:
 *
 *     cd docs/examples/typescript && npm install && npm run build
 *     SURETY_KEY=surety_sk_... node build/storefront.js
 *
 * Settings are SURETY_URL, SURETY_KEY, CATALOG, PORT, and PAYMENT_SECRET, with which the payment
 * provider signs.
 */

import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { call, escape, page, Refused, serve, type Answer } from "./surety.ts";

const catalog = process.env.CATALOG ?? "livecart";
const port = Number(process.env.PORT ?? 8100);
const paymentSecret = process.env.PAYMENT_SECRET ?? "whsec_of_the_payment_provider";

interface Money {
  amount: number;
  currency: string;
}
interface Offer {
  offer: string;
  name: string;
  description: string;
  sold: "direct" | "included" | "quote";
  price: Money | null;
  promises: { text: string }[];
}
interface Purchase {
  account_id: string;
  order_id: string;
  status: "pending" | "active" | "ended" | "cancelled";
  total: Money;
  lines: { text: string }[];
}

// What a shop keeps: of which orders a payment was refused and paid back, and why.
const paidBack = new Map<string, string>();

/** Order what is in a cart: the price is frozen, and nothing is given before it is paid. */
async function placeOrder(cart: string, offer: string, name: string, email: string) {
  const customer = `c-${createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 12)}`;
  await call("PUT", `/v1/accounts/${customer}`, { name, email });
  const quote = await call<{ quote_id: string; total: Money }>(
    "POST",
    `/v1/accounts/${customer}/quotes`,
    { offer },
    `quote-${cart}`,
  );
  return await call<Purchase>("POST", `/v1/accounts/${customer}/purchases`, {
    order_id: `SO-${cart}`,
    quote_id: quote.quote_id,
    expected_total: quote.total,
    payment: { status: "pending" },
  });
}

/** Take what the payment provider tells: it is paid. Told again, nothing more happens. */
async function takePayment(payload: string, signature: string): Promise<Answer> {
  const signed = new Map(signature.split(",").map((part) => part.split("=") as [string, string]));
  const at = signed.get("t") ?? "";
  const given = Buffer.from(signed.get("v1") ?? "");
  const wanted = Buffer.from(sign(payload, at));
  const fresh = Math.abs(Date.now() / 1000 - Number(at)) < 300;
  if (!fresh || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return { status: 400, content: "The signature is not the payment provider's." };
  }
  const event = JSON.parse(payload);
  if (event.type === "checkout.session.completed") {
    const { payment_intent: reference, metadata } = event.data.object;
    const path = `/v1/accounts/${metadata.customer}/purchases/${metadata.order}`;
    try {
      await call("POST", `${path}/payment`, { reference });
    } catch (error) {
      // Whatever else goes wrong: the provider sends it again.
      if (!(error instanceof Refused && error.problem.status === 409)) throw error;
      await payBack(path, metadata.order, reference, error.message);
    }
  }
  return { status: 200 };
}

/** A refused payment never heals. A shop pays it back here, at its provider, by its id. */
async function payBack(
  path: string,
  order: string,
  payment_reference: string,
  reason: string,
): Promise<void> {
  if (!paidBack.has(order)) paidBack.set(order, reason);
  if ((await call<Purchase>("GET", path)).status === "pending") {
    const back = { reason, actor: "shop", refund: "full", payment_reference };
    await call("POST", `${path}/cancellation`, back);
  }
}

/** Return the provider's signature of a payload, as Stripe makes it. */
function sign(payload: string, at: string): string {
  return createHmac("sha256", paymentSecret).update(`${at}.${payload}`).digest("hex");
}

/** Stand in for the payment provider, which has the customer's card and calls the webhook. */
async function pay(customer: string, order: string): Promise<void> {
  const paid = { payment_intent: `pi_${order}`, metadata: { customer, order } };
  const payload = JSON.stringify({ type: "checkout.session.completed", data: { object: paid } });
  const at = String(Math.floor(Date.now() / 1000));
  const reply = await fetch(`http://127.0.0.1:${port}/webhooks/payments`, {
    method: "POST",
    body: payload,
    headers: { "stripe-signature": `t=${at},v1=${sign(payload, at)}` },
  });
  if (!reply.ok) throw new Error("Please try again.");
}

function show(money: Money): string {
  return `${money.currency} ${(money.amount / 100).toFixed(2)}`;
}

async function showOffers(): Promise<string> {
  const offers = await call<{ data: Offer[] }>("GET", `/v1/offers?catalog=${catalog}`);
  const choices = offers.data
    .filter((each) => each.sold === "direct" && each.price)
    .map(
      (each) => `<p><label><input type="radio" name="offer" value="${escape(each.offer)}" required>
<strong>${escape(each.name)}</strong>, ${show(each.price as Money)}</label><br>
${escape(each.description)} ${escape(each.promises[0]?.text ?? "")}</p>`,
    )
    .join("");
  return `<h1>Support plans</h1><form method="post" action="/checkout">
<input type="hidden" name="cart" value="${randomUUID().slice(0, 8)}">${choices}
<p><label>Company <input name="name" required></label></p>
<p><label>E-mail <input name="email" type="email" required></label></p>
<p><button>Order</button></p></form>`;
}

async function showOrder(customer: string, order: string): Promise<string> {
  const bought = await call<Purchase>("GET", `/v1/accounts/${customer}/purchases/${order}`);
  const lines = bought.lines.map((each) => `<li>${escape(each.text)}</li>`).join("");
  const why = paidBack.get(order);
  const returned = why ? `<p>${escape(why)}</p><p>Your payment is paid back.</p>` : "";
  const head = `<h1>Order ${escape(order)}</h1><ul>${lines}</ul><p>Total ${show(bought.total)}</p>
${returned}`;
  if (bought.status === "pending") {
    return `${head}<form method="post" action="/pay">
<input type="hidden" name="customer" value="${escape(customer)}">
<input type="hidden" name="order" value="${escape(order)}"><button>Pay</button></form>`;
  }
  if (bought.status === "cancelled") return `${head}<p>This order is cancelled.</p>`;
  const summary = await call<{ text: string }>("GET", `/v1/accounts/${customer}/summary`);
  return `${head}<p>Paid, thank you. ${escape(summary.text)}</p>`;
}

serve(port, "shop", async (method, path, body, request) => {
  const show = (content: string): Answer => ({
    status: 200,
    content: page("Shop", `<main>${content}</main>`),
  });
  const [what = "", customer = "", order = ""] = path;
  if (method === "GET") {
    if (what === "") return show(await showOffers());
    if (what === "orders") return show(await showOrder(customer, order));
    return { status: 404 };
  }
  if (what === "webhooks") {
    // Whatever goes wrong on the way is answered with an error: the provider sends it again.
    return await takePayment(body, String(request.headers["stripe-signature"] ?? ""));
  }
  const form = Object.fromEntries(new URLSearchParams(body)) as Record<string, string>;
  if (what === "checkout") {
    const placed = await placeOrder(form.cart!, form.offer!, form.name!, form.email!);
    return { status: 303, location: `/orders/${placed.account_id}/${placed.order_id}` };
  }
  await pay(form.customer!, form.order!);
  return { status: 303, location: `/orders/${form.customer}/${form.order}` };
});
