-- Ends attempts. What is no longer held is counted and left alone.
-- KEYS: queue, ready, delayed, held, leases, dead, declaration. ARGV: dead letters at most, then four per settlement: verdict,
-- number, and its two options.
local queue, ready, delayed, held, leases, dead, declaration = unpack(KEYS)
local most = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local late, returned = 0, {}
local function settle(verdict, number, first, second)
  local entry = cmsgpack.unpack(redis.call('HGET', held, number))
  local attempts, first_seen, fields = entry[2], entry[4], entry[7]
  if verdict == 'return' then
    table.insert(returned, entry)
  elseif verdict == 'retry' then
    -- It killed nobody.
    entry[2], entry[8] = attempts + (second == 'counted' and 1 or 0), 0
    if tonumber(first) <= 0 then
      redis.call('RPUSH', ready, cmsgpack.pack(entry))
    else
      redis.call('ZADD', delayed, now + first, cmsgpack.pack(entry))
    end
  elseif verdict == 'dead' then
    if redis.call('XLEN', dead) >= most then
      redis.call('HINCRBY', declaration, 'dropped', redis.call('XTRIM', dead, 'MAXLEN', most - 1))
    end
    redis.call('XADD', dead, '*', 'reason', first, 'detail', second,
      'attempts', attempts + 1, 'first_seen', string.format('%.0f', first_seen), unpack(fields))
  end
end

for i = 2, #ARGV, 4 do
  local verdict, number = ARGV[i], ARGV[i + 1]
  if redis.call('ZREM', leases, number) == 0 then
    late = late + 1
  else
    if verdict ~= 'ack' then settle(verdict, number, ARGV[i + 2], ARGV[i + 3]) end
    redis.call('HDEL', held, number)
  end
end

-- The last that was taken goes back first, so that each has its old place.
table.sort(returned, function(one, other) return one[1] > other[1] end)
for _, entry in ipairs(returned) do
  local attempts, is_bare, fields = entry[2], entry[6], entry[7]
  if is_bare == 1 and attempts == 0 then
    -- As it came, so that a peer that knows the list alone can have it.
    redis.call('LPUSH', queue, fields[4])
  else
    redis.call('LPUSH', ready, cmsgpack.pack(entry))
  end
end
return late
