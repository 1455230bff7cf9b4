-- A consumer goes: what it holds is there for others at once, with the attempt counted.
-- KEYS: stream. ARGV: group, consumer.
local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
while true do
  local held = redis.call('XPENDING', stream, group, '-', '+', 100, consumer)
  if #held == 0 then
    break
  end
  for _, it in ipairs(held) do
    redis.call('XCLAIM', stream, group, 'returned', 0, it[1], 'RETRYCOUNT', it[4], 'JUSTID')
  end
end
redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
return redis.status_reply('OK')
