-- Puts the oldest dead letters back into their queue and says how many. A full queue ends it early.
-- KEYS: queue, landing, ready, delayed, leases, dead, declaration. ARGV: how many at most.
local queue, landing, ready, delayed, leases, dead, declaration = unpack(KEYS)
local most = tonumber(redis.call('HGET', declaration, 'max_length'))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local moved = 0
for _, letter in ipairs(redis.call('XRANGE', dead, '-', '+', 'COUNT', ARGV[1])) do
  local length = redis.call('LLEN', queue) + redis.call('LLEN', landing) + redis.call('LLEN', ready)
    + redis.call('ZCARD', delayed) + redis.call('ZCARD', leases)
  if most and length >= most then
    break
  end
  local fields, first_seen = {}, now
  for i = 1, #letter[2], 2 do
    local name, value = letter[2][i], letter[2][i + 1]
    if name == 'first_seen' then
      first_seen = tonumber(value)
    elseif name ~= 'reason' and name ~= 'detail' and name ~= 'attempts' and name ~= 'ttl' then
      table.insert(fields, name)
      table.insert(fields, value)
    end
  end
  local number = string.format('%016x', redis.call('HINCRBY', declaration, 'sequence', 1))
  redis.call('XDEL', dead, letter[1])
  redis.call('RPUSH', ready, cmsgpack.pack({number, 0, now, first_seen, 0, 0, fields}))
  moved = moved + 1
end
return moved
