-- Says how many are ready, delayed, held, dead, expired, dropped, and how many consumers there are; nothing for no queue.
-- KEYS: stream, delayed, dead, declaration, retries. ARGV: group, ms without a sign after which a consumer is gone.
local stream, delayed, dead, declaration = unpack(KEYS)
-- They wait in the stream itself.
local retries = redis.call('ZCARD', KEYS[5])
local known = redis.call('HMGET', declaration, 'queue', 'expired', 'dropped')
if not known[1] then
  return nil
end
local held, returned, consumers = 0, 0, 0
for _, it in ipairs(redis.call('XINFO', 'CONSUMERS', stream, ARGV[1])) do
  local facts = {}
  for i = 1, #it, 2 do facts[it[i]] = it[i + 1] end
  if facts['name'] == 'returned' then
    returned = facts['pending']
  else
    held = held + facts['pending']
    if facts['idle'] < tonumber(ARGV[2]) then
      consumers = consumers + 1
    end
  end
end
return {redis.call('XLEN', stream) - held - retries, redis.call('ZCARD', delayed) + retries, held, redis.call('XLEN', dead),
  tonumber(known[2] or 0), tonumber(known[3] or 0), consumers}
