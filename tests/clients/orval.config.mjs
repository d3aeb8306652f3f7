export default {
  surety: {
    input: "./openapi.json",
    output: {
      target: "./orval/surety.ts",
      client: "fetch",
      override: { mutator: { path: "./orval-fetch.ts", name: "fetchSurety" } },
    },
  },
};
