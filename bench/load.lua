-- What wrk sends: METHOD PATH BODY FIRST ACCOUNTS SKEW SECRET are its arguments. In path and body,
-- {n} is the request's number, from FIRST on, and {a} the account's: with SKEW 0, {n} modulo
-- ACCOUNTS; otherwise chance, the k-th account in proportion to 1 / k ^ SKEW.
-- Before it begins wrk asks for a request that it does not send.

local method, path, body, number, accounts, headers
local shares = {}

local function choose()
  if #shares == 0 then return number % accounts end
  local low, high, sought = 1, accounts, math.random() * shares[accounts]
  while low < high do
    local middle = math.floor((low + high) / 2)
    if shares[middle] < sought then low = middle + 1 else high = middle end
  end
  return low - 1
end

function init(arguments)
  method, path, body = arguments[1], arguments[2], arguments[3]
  number, accounts = tonumber(arguments[4]) - 1, tonumber(arguments[5])
  local skew, sum = tonumber(arguments[6]), 0
  for account = 1, skew > 0 and accounts or 0 do
    sum = sum + account ^ -skew
    shares[account] = sum
  end
  headers = {["Authorization"] = "Bearer " .. arguments[7], ["Content-Type"] = "application/json"}
end

function request()
  local values = {n = string.format("%d", number), a = string.format("%d", choose())}
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
