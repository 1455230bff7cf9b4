-- Declares a queue, or says what exists under its name.
-- KEYS: queue, declaration. ARGV: names and values of the declaration.
local queue, declaration = KEYS[1], KEYS[2]
local kind = redis.call('TYPE', queue).ok
local kept = redis.call('HGET', declaration, 'kept')
if kind ~= 'none' and kind ~= 'list' or kept and kept ~= 'list' then
  return {'occupied', kept or kind}
end
if redis.call('HEXISTS', declaration, 'queue') == 0 then
  redis.call('HSET', declaration, 'kept', 'list', unpack(ARGV))
end
return {'exists', redis.call('HGETALL', declaration)}
