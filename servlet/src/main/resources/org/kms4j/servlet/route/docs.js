// The document says "/" for this server; in a container it may be further down, as this page is.
const base = location.pathname.replace(/\/api\/docs\/?$/, "") || "/";

// No validator, no "authorise" that outlives the page: nothing leaves this server, nothing is kept.
fetch("docs/json")
  .then((answer) => answer.json())
  .then((document) =>
    SwaggerUIBundle({
      spec: { ...document, servers: [{ ...document.servers[0], url: base }] },
      dom_id: "#api",
      deepLinking: true,
      validatorUrl: null,
      persistAuthorization: false,
    }),
  );
