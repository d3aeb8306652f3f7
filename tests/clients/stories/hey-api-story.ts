// The README's story by the client that @hey-api/openapi-ts writes.
import type { CatalogDocument } from "./hey-api";
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
} from "./hey-api";
import { client } from "./hey-api/client.gen";
import { account, catalog, key, read, show, url } from "./story";

client.setConfig({ baseUrl: url, auth: key, throwOnError: true });
const ofAccount = { account_id: account };
const ofTicket = { account_id: account, ticket_id: "HD-5001" };
const throwOnError = true;

const status = await getCalendarStatus({
  path: { catalog: "livecart", calendar: "business" },
  query: { at: "2025-01-10T16:30:00+02:00" },
  throwOnError,
});
const published = await publishCatalog({
  path: { catalog },
  body: read<CatalogDocument>("catalog"),
  throwOnError,
});
await putAccount({ path: ofAccount, body: { name: "Nordwind Handel GmbH" }, throwOnError });
const purchase = await placePurchase({
  path: ofAccount,
  body: {
    order_id: "SO-77",
    offer: `${catalog}.express-3y`,
    payment: { status: "paid" },
    expected_total: { amount: 199900, currency: "EUR" },
    at: "2025-01-10T09:00:00+01:00",
  },
  throwOnError,
});
const ticket = await openTicket({
  path: ofAccount,
  body: { ticket_id: "HD-5001", subject: "Checkout fails", at: "2025-01-10T16:30:00+01:00" },
  throwOnError,
});
const replied = await replyToTicket({
  path: ofTicket,
  body: { by: "agent", at: "2025-01-11T10:00:00+01:00" },
  throwOnError,
});
await resolveTicket({
  path: ofTicket,
  body: { outcome: "solved", at: "2025-01-13T09:45:00+01:00" },
  throwOnError,
});
const balance = await getBalance({
  path: ofAccount,
  query: { at: "2025-01-13T12:00:00Z" },
  throwOnError,
});
const webhook = await createWebhook({
  body: {
    url: "https://helpdesk.example/hooks",
    types: ["ticket.*", "deadline.breached"],
    ordered: true,
  },
  throwOnError,
});
show([status, published, purchase, ticket, replied, balance, webhook].map((reply) => reply.data));
