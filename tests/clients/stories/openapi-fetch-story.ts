// The README's story by openapi-fetch, on what openapi-typescript writes.
import createClient from "openapi-fetch";

import type { components, paths } from "./openapi-typescript";
import { account, catalog, key, read, show, url } from "./story";

type Schemas = components["schemas"];

const open = createClient<paths>({ baseUrl: url });
const surety = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
const ofAccount = { account_id: account };
const ofTicket = { account_id: account, ticket_id: "HD-5001" };

function take<Data>(reply: { data?: Data; error?: Schemas["Problem"] | Schemas["CoverageProblem"] }): Data {
  if (reply.data === undefined) throw new Error(reply.error?.detail);
  return reply.data;
}

const status = take(
  await open.GET("/v1/calendars/{catalog}/{calendar}/status", {
    params: {
      path: { catalog: "livecart", calendar: "business" },
      query: { at: "2025-01-10T16:30:00+02:00" },
    },
  }),
);
const published = take(
  await surety.PUT("/v1/catalogs/{catalog}", {
    params: { path: { catalog } },
    body: read<Schemas["CatalogDocument"]>("catalog"),
  }),
);
take(
  await surety.PUT("/v1/accounts/{account_id}", {
    params: { path: ofAccount },
    body: { name: "Nordwind Handel GmbH" },
  }),
);
const purchase = take(
  await surety.POST("/v1/accounts/{account_id}/purchases", {
    params: { path: ofAccount },
    body: {
      order_id: "SO-77",
      offer: `${catalog}.express-3y`,
      payment: { status: "paid" },
      expected_total: { amount: 199900, currency: "EUR" },
      at: "2025-01-10T09:00:00+01:00",
    },
  }),
);
const ticket = take(
  await surety.POST("/v1/accounts/{account_id}/tickets", {
    params: { path: ofAccount },
    body: { ticket_id: "HD-5001", subject: "Checkout fails", at: "2025-01-10T16:30:00+01:00" },
  }),
);
const replied = take(
  await surety.POST("/v1/accounts/{account_id}/tickets/{ticket_id}/replies", {
    params: { path: ofTicket },
    body: { by: "agent", at: "2025-01-11T10:00:00+01:00" },
  }),
);
take(
  await surety.POST("/v1/accounts/{account_id}/tickets/{ticket_id}/resolution", {
    params: { path: ofTicket },
    body: { outcome: "solved", at: "2025-01-13T09:45:00+01:00" },
  }),
);
const balance = take(
  await surety.GET("/v1/accounts/{account_id}/balance", {
    params: { path: ofAccount, query: { at: "2025-01-13T12:00:00Z" } },
  }),
);
const webhook = take(
  await surety.POST("/v1/webhooks", {
    body: {
      url: "https://helpdesk.example/hooks",
      types: ["ticket.*", "deadline.breached"],
      ordered: true,
    },
  }),
);
show([status, published, purchase, ticket, replied, balance, webhook]);
