-- Gives messages to a consumer, each with a lease: what has landed, what is ready beside the list, and then the list.
-- KEYS: queue, landing, ready, held, leases, declaration. ARGV: lease in ms, how many at most.
-- Says of each: the number of its delivery, attempts that ended, names and values of its entry; nothing for no queue.
local queue, landing, ready, held, leases, declaration = unpack(KEYS)
local lease, room = ARGV[1], tonumber(ARGV[2])
local known = redis.call('HMGET', declaration, 'queue', 'ttl')
if not known[1] then
  return nil
end
local ttl = tonumber(known[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local taken = {}
local function pop(key)
  return redis.call('LPOP', key, math.max(room - #taken, 0)) or {}
end

local function hold(number, entry)
  redis.call('HSET', held, number, cmsgpack.pack(entry))
  redis.call('ZADD', leases, now + lease, number)
  local attempts, first_seen, fields = entry[2], entry[4], entry[7]
  table.insert(taken, {number, attempts, {'first_seen', string.format('%.0f', first_seen), unpack(fields)}})
end

local function take_entries(entries)
  for _, packed in ipairs(entries) do
    local entry = cmsgpack.unpack(packed)
    local since, own = entry[3], entry[5]
    local number = string.format('%016x', redis.call('HINCRBY', declaration, 'sequence', 1))
    if (own > 0 and since + own <= now) or (ttl and since + ttl <= now) then
      redis.call('HINCRBY', declaration, 'expired', 1)
    else
      entry[1] = number
      hold(number, entry)
    end
  end
end

local function take_bodies(bodies)
  for _, body in ipairs(bodies) do
    local number = string.format('%016x', redis.call('HINCRBY', declaration, 'sequence', 1))
    -- Its id for as long as we keep it: an element of a list has none.
    local fields = {'id', now .. '-' .. number, 'body', body}
    hold(number, {number, 0, now, now, 0, 1, fields})
  end
end

-- Whoever waits for a queue with a time to live waits for its entries, and else for the bare list.
if ttl then take_entries(pop(landing)) else take_bodies(pop(landing)) end
take_entries(pop(ready))
take_bodies(pop(queue))
return taken
