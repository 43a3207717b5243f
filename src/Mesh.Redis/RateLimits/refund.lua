-- Gives back what charge.lua has taken for a request; never more than that, whatever has happened since.
--
-- KEYS: one for each limit.
-- ARGV: four for each limit: algorithm, interval or half of the window, tokens, time of the charge.

local time = redis.call('TIME')
local now = (tonumber(time[1]) - 1704067200) * 1000000 + tonumber(time[2])
for i, key in ipairs(KEYS) do
  local a = (i - 1) * 4
  local algorithm, pace, tokens, at = ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  if algorithm == 'g' then
    local arrival = tonumber(redis.call('HGET', key, 'a'))
    local owed = pace * tokens - (now - at)
    if arrival and owed > 0 then redis.call('HSET', key, 'a', string.format('%.17g', arrival - owed)) end
  else
    local state = redis.call('HMGET', key, 'a', 'b', 'c', 'd')
    local field = state[1] and tonumber(state[1]) - math.floor(at / pace)
    if field and field >= 0 and field <= 2 then
      redis.call('HSET', key, ({ 'b', 'c', 'd' })[field + 1], math.max(0, (tonumber(state[field + 2]) or 0) - tokens))
    end
  end
end
return 1
