-- What wrk sends: METHOD PATH BODY FIRST ACCOUNTS SECRET are its arguments. In path and body,
-- {n} is the request's number, from FIRST on, and {a} the account's: {n} modulo ACCOUNTS.
-- Before it begins wrk asks for a request that it does not send.

local method, path, body, number, accounts, headers

function init(arguments)
  method, path, body = arguments[1], arguments[2], arguments[3]
  number, accounts = tonumber(arguments[4]) - 1, tonumber(arguments[5])
  headers = {["Authorization"] = "Bearer " .. arguments[6], ["Content-Type"] = "application/json"}
end

function request()
  local values = {n = string.format("%d", number), a = string.format("%d", number % accounts)}
  number = number + 1
  local sent = method ~= "GET" and body:gsub("{([na])}", values) or nil
  return wrk.format(method, path:gsub("{([na])}", values), headers, sent)
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.read + summary.errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "failed": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
