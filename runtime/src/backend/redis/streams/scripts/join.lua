-- A consumer comes. Those that left long ago and hold nothing are forgotten; one that lives is known again at its next read.
-- KEYS: stream. ARGV: group, consumer, ms without a sign after which a consumer is gone.
local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
for _, it in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local facts = {}
  for i = 1, #it, 2 do facts[it[i]] = it[i + 1] end
  if facts['pending'] == 0 and facts['idle'] > tonumber(ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, facts['name'])
  end
end
redis.call('XGROUP', 'CREATECONSUMER', stream, group, consumer)
return redis.status_reply('OK')
