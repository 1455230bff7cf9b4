-- Puts a message into each of these queues, or into none.
-- KEYS: exchange or the first queue's declaration, then per queue: stream, delayed, declaration.
-- ARGV: version of the exchange or '', group, delay in ms or '', per queue its partition key or '', then names and values
-- of the entry.
local version, group, delay = ARGV[1], ARGV[2], ARGV[3]
if version ~= '' and redis.call('HGET', KEYS[1], 'version') ~= version then
  return 'stale'
end
local queues = (#KEYS - 1) / 3
local fields = {unpack(ARGV, 4 + queues)}
local count = #fields
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The oldest that nobody has read yet.
local function waiting(stream, count)
  for _, it in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local facts = {}
    for j = 1, #it, 2 do facts[it[j]] = it[j + 1] end
    if facts['name'] == group then
      return redis.call('XRANGE', stream, '(' .. facts['last-delivered-id'], '+', 'COUNT', count)
    end
  end
  return {}
end

-- Drops what is too old to be delivered, among the oldest, and says how many.
local function expire(stream, declaration, of_queue)
  local expired = {}
  for _, entry in ipairs(waiting(stream, 100)) do
    local facts = {since = string.match(entry[1], '^%d+'), ttl = of_queue}
    for j = 1, #entry[2], 2 do
      local name, value = entry[2][j], tonumber(entry[2][j + 1])
      if name == 'since' then facts.since = value end
      if name == 'ttl' then facts.ttl = math.min(value, facts.ttl or value) end
    end
    if facts.ttl and facts.since + facts.ttl <= now then
      table.insert(expired, entry[1])
    end
  end
  if #expired > 0 then
    redis.call('XDEL', stream, unpack(expired))
    redis.call('HINCRBY', declaration, 'expired', #expired)
  end
  return #expired
end

local drops = {}
for i = 2, #KEYS, 3 do
  local stream, delayed, declaration = KEYS[i], KEYS[i + 1], KEYS[i + 2]
  local known = redis.call('HMGET', declaration, 'queue', 'max_length', 'overflow', 'ttl')
  if not known[1] or redis.call('EXISTS', stream) == 0 then
    return 'missing'
  end
  local most = tonumber(known[2])
  if most and redis.call('XLEN', stream) + redis.call('ZCARD', delayed) >= most
    and expire(stream, declaration, tonumber(known[4])) == 0 then
    local oldest = known[3] == 'drop_oldest' and waiting(stream, 1)[1]
    if not oldest then
      return 'full'
    end
    drops[i] = oldest[1]
  end
end

for i = 2, #KEYS, 3 do
  local stream, delayed, declaration = KEYS[i], KEYS[i + 1], KEYS[i + 2]
  if drops[i] then
    redis.call('XDEL', stream, drops[i])
    redis.call('HINCRBY', declaration, 'dropped', 1)
  end
  local key = ARGV[3 + (i + 1) / 3]
  fields[count + 1], fields[count + 2] = nil, nil
  if key ~= '' then
    fields[count + 1], fields[count + 2] = 'partition_key', key
  end
  if delay == '' then
    redis.call('XADD', stream, '*', unpack(fields))
  else
    -- The number keeps equal messages apart, and those that are due at once in their order.
    local number = redis.call('HINCRBY', declaration, 'sequence', 1)
    local member = cmsgpack.pack({string.format('%016x', number), 'since', now, 'first_seen', now, unpack(fields)})
    redis.call('ZADD', delayed, now + delay, member)
  end
end
return 'sent'
