-- Makes an exchange and adds bindings to it.
-- KEYS: exchange, bindings. ARGV: kind, then members of the set.
redis.call('HSETNX', KEYS[1], 'kind', ARGV[1])
local kind = redis.call('HGET', KEYS[1], 'kind')
if kind ~= ARGV[1] then
  return kind
end
local added = redis.call('HSETNX', KEYS[1], 'version', 0)
for i = 2, #ARGV do
  added = added + redis.call('SADD', KEYS[2], ARGV[i])
end
if added > 0 then
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
return kind
