-- A consumer shows that it lives, makes ready what is due, and takes back what others let go, with the attempt counted.
-- KEYS: ready, delayed, held, leases, consumers. ARGV: consumer, ms without a sign after which one is gone.
-- Says: the server's time in ms, and when the next delayed message is due or -1.
local ready, delayed, held, leases, consumers = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', consumers, '-inf', now - ARGV[2])
redis.call('ZADD', consumers, now, ARGV[1])

for _, entry in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', delayed, entry)
  redis.call('RPUSH', ready, entry)
end

local lost = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 100)
-- The oldest goes back last, so that it comes first.
for i = #lost, 1, -1 do
  local entry = cmsgpack.unpack(redis.call('HGET', held, lost[i]))
  entry[2] = entry[2] + 1
  redis.call('ZREM', leases, lost[i])
  redis.call('HDEL', held, lost[i])
  redis.call('LPUSH', ready, cmsgpack.pack(entry))
end
return {now, tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2] or -1)}
