-- Puts a call where those who answer take it from, with the time after which nobody wants the answer.
-- KEYS: calls, who answers. ARGV: ms that it is wanted, the rest of the call.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local room, answering = 0, redis.call('ZRANGE', KEYS[2], 0, -1)
for _, it in ipairs(answering) do
  room = room + tonumber(string.match(it, ' (%d+)$'))
end
if #answering == 0 then
  return 'nobody'
end
if redis.call('LLEN', KEYS[1]) >= room then
  return 'full'
end
redis.call('RPUSH', KEYS[1], string.format('%016.0f', now + ARGV[1]) .. ARGV[2])
-- The latest that is wanted decides how long they are kept, and a minute more, for those who answer to count what was late.
local kept = ARGV[1] + 60000
if redis.call('PTTL', KEYS[1]) < kept then
  redis.call('PEXPIRE', KEYS[1], kept)
end
return 'sent'
