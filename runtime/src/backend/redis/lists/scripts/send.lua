-- Puts a message into each of these queues, or into none.
-- KEYS: exchange or the first queue's declaration, then per queue: queue, landing, ready, delayed, leases, declaration.
-- ARGV: version of the exchange or '', delay in ms or '', then names and values of the entry.
local version, delay = ARGV[1], ARGV[2]
if version ~= '' and redis.call('HGET', KEYS[1], 'version') ~= version then
  return 'stale'
end
-- What stands beside the fields, and what stands among them.
local fields, own, body = {}, {}, nil
for i = 3, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  if name == 'ttl' or name == 'first_seen' then
    own[name] = tonumber(value)
  else
    if name == 'body' then body = value end
    table.insert(fields, name)
    table.insert(fields, value)
  end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Entries that died of age make room, up to 100 in one go; says how many. What is in the list itself has no age.
local function expire(ready, declaration, of_queue)
  local kept, expired = {}, 0
  for _, packed in ipairs(redis.call('LPOP', ready, 100) or {}) do
    local entry = cmsgpack.unpack(packed)
    local since, ttl = entry[3], entry[5]
    if (ttl > 0 and since + ttl <= now) or (of_queue and since + of_queue <= now) then
      expired = expired + 1
    else
      table.insert(kept, packed)
    end
  end
  for i = #kept, 1, -1 do
    redis.call('LPUSH', ready, kept[i])
  end
  redis.call('HINCRBY', declaration, 'expired', expired)
  return expired
end

local ttls, drops = {}, {}
for i = 2, #KEYS, 6 do
  local queue, landing, ready, delayed, leases, declaration = unpack(KEYS, i, i + 5)
  local known = redis.call('HMGET', declaration, 'queue', 'ttl', 'max_length', 'overflow')
  if not known[1] then
    return 'missing'
  end
  ttls[i] = tonumber(known[2])
  local waiting = redis.call('LLEN', queue) + redis.call('LLEN', ready)
  local length = waiting + redis.call('LLEN', landing) + redis.call('ZCARD', delayed) + redis.call('ZCARD', leases)
  if known[3] and length >= tonumber(known[3]) and expire(ready, declaration, ttls[i]) == 0 then
    if known[4] ~= 'drop_oldest' or waiting == 0 then
      return 'full'
    end
    drops[i] = true
  end
end

for i = 2, #KEYS, 6 do
  local queue, landing, ready, delayed, leases, declaration = unpack(KEYS, i, i + 5)
  if drops[i] then
    if not redis.call('LPOP', ready) then redis.call('LPOP', queue) end
    redis.call('HINCRBY', declaration, 'dropped', 1)
  end
  if delay == '' and not own.ttl and not own.first_seen and not ttls[i] then
    redis.call('RPUSH', queue, body)
  else
    -- The number keeps equal entries apart, and those that are due at once in their order.
    local number = string.format('%016x', redis.call('HINCRBY', declaration, 'sequence', 1))
    local entry = cmsgpack.pack({number, 0, now, own.first_seen or now, own.ttl or 0, 0, fields})
    if delay == '' then
      redis.call('RPUSH', ready, entry)
    else
      redis.call('ZADD', delayed, now + delay, entry)
    end
  end
end
return 'sent'
