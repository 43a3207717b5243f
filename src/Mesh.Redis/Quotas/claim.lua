-- Raises or lowers what one process has claimed of a quota. All numbers are totals of the window, so that a repeated call, or
-- one whose answer was lost, changes nothing twice.
--
-- KEYS: one. Its fields are "{window}", what all have claimed in it, and "{window}:{node}", what one process has.
-- ARGV: node, window, number of older windows, limit, used, wanted, least, releases (1 or 0), time to live in milliseconds.
-- Returns what the process has claimed, what all have in the window, and what all have in each older one, the newest first.

local key, node, name = KEYS[1], ARGV[1], ARGV[2]
local window, older, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local used, wanted, least = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local ttl = tonumber(ARGV[9])

-- Lua would write 1e+15.
local function whole(number) return string.format('%.0f', number) end

local fields = { name, name .. ':' .. node }
for i = 1, older do fields[i + 2] = whole(window - i) end
local state = redis.call('HMGET', key, unpack(fields))
local all, before = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local answer, sum = {}, all
for i = 1, older do
  local count = tonumber(state[i + 2]) or 0
  answer[i + 2] = count
  sum = sum + count
end

local claimed = used
if ARGV[8] == '0' then claimed = math.max(before, used) end
if wanted > 0 then
  local left = math.max(0, limit - (sum - before + claimed))
  local reach = math.min(used + wanted, claimed + left)
  if reach >= used + least then claimed = math.max(claimed, reach) end
end

if not state[1] then
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local number = tonumber(string.match(field, '^-?%d+'))
    if number and number < window - older - 1 then redis.call('HDEL', key, field) end
  end
end

all = all - before + claimed
redis.call('HSET', key, fields[1], whole(all), fields[2], whole(claimed))
if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
answer[1], answer[2] = claimed, all
return answer
