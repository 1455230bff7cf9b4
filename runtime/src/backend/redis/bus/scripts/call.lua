-- Puts a call where those who answer take it from, with the time after which nobody wants the answer.
-- KEYS: calls, who answers. ARGV: ms that it is wanted, the rest of the call.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local room, answering = 0, redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')
for _, it in ipairs(answering) do
  room = room + tonumber(string.match(it, ' (%d+)$'))
end
if #answering == 0 then
  return 'nobody'
end
local waiting = redis.call('RPUSH', KEYS[1], string.format('%016.0f', now + ARGV[1]) .. ARGV[2])
if waiting > room then
  redis.call('RPOP', KEYS[1])
  return 'full'
end
-- The latest that is wanted decides how long they are kept, and a minute more, for those who answer to count what was late.
local kept = ARGV[1] + 60000
if waiting == 1 then
  redis.call('PEXPIRE', KEYS[1], kept)
else
  redis.call('PEXPIRE', KEYS[1], kept, 'GT')
end
return 'sent'
