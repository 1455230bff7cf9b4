-- Says how many are ready, delayed, held, dead, expired, dropped, and how many consumers there are; nothing for no queue.
-- KEYS: queue, landing, ready, delayed, leases, dead, declaration, consumers. ARGV: ms without a sign after which one is gone.
local queue, landing, ready, delayed, leases, dead, declaration, consumers = unpack(KEYS)
local known = redis.call('HMGET', declaration, 'queue', 'expired', 'dropped')
if not known[1] then
  return nil
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waiting = redis.call('LLEN', queue) + redis.call('LLEN', landing) + redis.call('LLEN', ready)
return {waiting, redis.call('ZCARD', delayed), redis.call('ZCARD', leases), redis.call('XLEN', dead),
  tonumber(known[2] or 0), tonumber(known[3] or 0), redis.call('ZCOUNT', consumers, '(' .. now - ARGV[1], '+inf')}
