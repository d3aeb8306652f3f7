// The README's story by the client that orval writes.
import type { CatalogDocument } from "./orval/surety";
import {
  createWebhook,
  getBalance,
  getCalendarStatus,
  openTicket,
  placePurchase,
  publishCatalog,
  putAccount,
  replyToTicket,
  resolveTicket,
} from "./orval/surety";
import { account, catalog, read, show } from "./story";

function take<Reply extends { status: number | string; data: unknown }>(
  reply: Reply,
): Extract<Reply, { status: 200 | 201 }>["data"] {
  if (reply.status !== 200 && reply.status !== 201) throw new Error(JSON.stringify(reply.data));
  return reply.data as Extract<Reply, { status: 200 | 201 }>["data"];
}

const status = take(
  await getCalendarStatus("livecart", "business", { at: "2025-01-10T16:30:00+02:00" }),
);
const published = take(await publishCatalog(catalog, read<CatalogDocument>("catalog")));
take(await putAccount(account, { name: "Nordwind Handel GmbH" }));
const purchase = take(
  await placePurchase(account, {
    order_id: "SO-77",
    offer: `${catalog}.express-3y`,
    payment: { status: "paid" },
    expected_total: { amount: 199900, currency: "EUR" },
    at: "2025-01-10T09:00:00+01:00",
  }),
);
const ticket = take(
  await openTicket(account, {
    ticket_id: "HD-5001",
    subject: "Checkout fails",
    at: "2025-01-10T16:30:00+01:00",
  }),
);
const replied = take(
  await replyToTicket(account, "HD-5001", { by: "agent", at: "2025-01-11T10:00:00+01:00" }),
);
take(
  await resolveTicket(account, "HD-5001", {
    outcome: "solved",
    at: "2025-01-13T09:45:00+01:00",
  }),
);
const balance = take(await getBalance(account, { at: "2025-01-13T12:00:00Z" }));
const webhook = take(
  await createWebhook({
    url: "https://helpdesk.example/hooks",
    types: ["ticket.*", "deadline.breached"],
    ordered: true,
  }),
);
show([status, published, purchase, ticket, replied, balance, webhook]);
