-- wrk's load: one POST again and again, with a bearer token. Arguments: the file of the body, the token.
-- Prints one line: requests, seconds, p50 and p99 in milliseconds, answers that were not 2xx, broken connections.

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. args[2]
  file:close()
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("result\t%d\t%.3f\t%.3f\t%.3f\t%d\t%d\n",
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
