-- Charges limits all together or not at all, by the clock of this server. The same rules as GcraPace and SlidingWindowPace of
-- Mesh.Core, in microseconds.
--
-- KEYS: one for each limit.
-- ARGV: eight for each limit: algorithm ('g' or 's'), GCRA: interval and capacity, window: half of it and limit, cost, ahead,
-- allowance, lease time, time to live in milliseconds.
-- Returns whether all allow, and then six for each limit: allowed, remaining, retry after, reset after, taken ahead, time.

-- Counted from the year 2024, so that fractions of a microsecond fit in a double.
local time = redis.call('TIME')
local now = (tonumber(time[1]) - 1704067200) * 1000000 + tonumber(time[2])
local fields = 8

-- Times are so large that their fractions are rounded to 1/64 of a microsecond: a full bucket has all its tokens nevertheless.
local slack = 0.05

-- The counts of a time in halves or windows: those of the current one and of those before.
local function shifted(state, number, length, from, count)
  local values = {}
  for i = 1, count do values[i] = 0 end
  local at = tonumber(state[from])
  if at then
    local age = number - at
    for i = 1, count do
      local old = i - age
      if old >= 1 and old <= count then values[i] = tonumber(state[from + old]) or 0 end
    end
  end
  return values
end

local answers, writes, all = {}, {}, 1
for i, key in ipairs(KEYS) do
  local a = (i - 1) * fields
  local algorithm, pace, most = ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local cost, ahead, allowance = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6])
  local lease, ttl = tonumber(ARGV[a + 7]), tonumber(ARGV[a + 8])
  local state = redis.call('HMGET', key, 'a', 'b', 'c', 'd', 'l', 'm', 'n')

  -- What may be taken ahead: in this lease time and the one before no more than the allowance.
  local window, leased = 0, { 0, 0 }
  if ahead > 0 then
    window = math.floor(now / lease)
    leased = shifted(state, window, lease, 5, 2)
    ahead = math.max(0, math.min(ahead, allowance - leased[1] - leased[2]))
  end

  local allowed, remaining, retry, reset, write = 0, 0, 0, 0, nil
  if algorithm == 'g' then
    local arrival = math.max(tonumber(state[1]) or 0, now)
    local need = arrival + pace * cost
    if need - now > most + slack then
      retry, reset, ahead = need - now - most, arrival - now, 0
    else
      ahead = math.max(0, math.min(ahead, math.floor((most - (need - now) + slack) / pace)))
      local reached = need + pace * ahead
      allowed, remaining, reset = 1, math.max(0, math.floor((most - (reached - now) + slack) / pace)), reached - now
      write = { 'a', string.format('%.17g', reached) }
    end
  else
    local half = math.floor(now / pace)
    local counts = shifted(state, half, pace, 1, 3)
    local sum = counts[1] + counts[2] + counts[3]
    local toNext = pace - (now - half * pace)
    local function gone(c) return toNext + pace * (c[1] > 0 and 2 or c[2] > 0 and 1 or 0) end
    if sum + cost > most then
      local halves = 0
      if sum - counts[3] + cost > most then
        halves = sum - counts[3] - counts[2] + cost > most and 2 or 1
      end
      retry, reset, ahead = toNext + halves * pace, gone(counts), 0
    else
      ahead = math.max(0, math.min(ahead, most - sum - cost))
      counts[1] = counts[1] + cost + ahead
      allowed, remaining, reset = 1, most - sum - cost - ahead, gone(counts)
      write = { 'a', half, 'b', counts[1], 'c', counts[2], 'd', counts[3] }
    end
  end

  if allowed == 0 then all = 0 end
  if write and ahead > 0 then
    for _, value in ipairs({ 'l', window, 'm', leased[1] + ahead, 'n', leased[2] }) do write[#write + 1] = value end
  end
  writes[i] = { write, math.max(ttl, math.ceil((reset + 2 * lease) / 1000) + 1) }
  for _, value in ipairs({ allowed, remaining, math.ceil(retry), math.ceil(reset), ahead, string.format('%.17g', now) }) do
    answers[#answers + 1] = value
  end
end

if all == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('HSET', key, unpack(writes[i][1]))
    redis.call('PEXPIRE', key, writes[i][2])
  end
end
table.insert(answers, 1, all)
return answers
