-- Asks for the paths of the file that is the script's argument, one after the other, and tells the outcome as JSON.

local requests = {}
local patterns = {}
local turn = 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
    patterns[#requests] = string.find(path, "{n}", 1, true) ~= nil
  end
  turn = os.time() % 1000 * 10000000
end

function request()
  turn = turn + 1
  local place = turn % #requests + 1
  if patterns[place] then
    return (string.gsub(requests[place], "{n}", string.format("%d", turn), 1))
  end
  return requests[place]
end

function done(summary, latency, _)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"done": %d, "failed": %d, "seconds": %.6f, "p50_ms": %.4f, "p99_ms": %.4f, "bytes": %d}\n',
    summary.requests, failed, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.bytes))
end
