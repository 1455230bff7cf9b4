-- Declares a queue, or says what exists under its name.
-- KEYS: declaration, stream, lanes, parked, turns, retries. ARGV: group, then names and values of the declaration.
local group = table.remove(ARGV, 1)
local kind = redis.call('TYPE', KEYS[2]).ok
local kept = redis.call('HGET', KEYS[1], 'kept')
if kind ~= 'none' and kind ~= 'stream' or kept and kept ~= 'stream' then
  return {'occupied', kept or kind}
end
local exists = redis.call('HGETALL', KEYS[1])
if #exists == 0 then
  redis.call('HSET', KEYS[1], 'kept', 'stream', unpack(ARGV))
  exists = ARGV
end
-- The group is made anew where the stream was lost; where it exists, this fails and changes nothing.
local made = redis.pcall('XGROUP', 'CREATE', KEYS[2], group, '0', 'MKSTREAM')
if made.ok then
  -- They told of entries that are gone, or that are all read anew.
  redis.call('DEL', KEYS[3], KEYS[4], KEYS[5], KEYS[6])
end
return {'exists', exists}
