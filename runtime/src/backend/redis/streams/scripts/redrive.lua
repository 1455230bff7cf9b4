-- Puts the oldest dead letters back into their queue and says how many. A full queue ends it early.
-- KEYS: stream, delayed, dead, declaration. ARGV: how many at most.
local stream, delayed, dead, declaration = unpack(KEYS)
local most = tonumber(redis.call('HGET', declaration, 'max_length'))
local moved = 0
for _, letter in ipairs(redis.call('XRANGE', dead, '-', '+', 'COUNT', ARGV[1])) do
  if most and redis.call('XLEN', stream) + redis.call('ZCARD', delayed) >= most then
    break
  end
  local fields = {}
  for i = 1, #letter[2], 2 do
    local name = letter[2][i]
    if name ~= 'reason' and name ~= 'detail' and name ~= 'attempts' and name ~= 'ttl' then
      table.insert(fields, name)
      table.insert(fields, letter[2][i + 1])
    end
  end
  redis.call('XADD', stream, '*', unpack(fields))
  redis.call('XDEL', dead, letter[1])
  moved = moved + 1
end
return moved
