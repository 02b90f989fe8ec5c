// No validator, no "authorise" that outlives the page: nothing leaves this server, nothing is kept.
SwaggerUIBundle({
  url: "docs/json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
