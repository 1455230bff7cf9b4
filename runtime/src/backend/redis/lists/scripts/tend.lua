-- A consumer shows that it lives, makes ready what is due, and takes back what others let go, with the attempt counted.
-- KEYS: ready, delayed, held, leases, consumers, suspects, declaration. ARGV: consumer, ms without a sign after which one is
-- gone, lease in ms, how many to take over at most.
-- Says: the server's time in ms, when the next delayed message is due or -1, and what it takes over: number, attempts, fields.
local ready, delayed, held, leases, consumers, suspects, declaration = unpack(KEYS)
local consumer, gone, lease, room = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', consumers, '-inf', now - gone)
redis.call('ZADD', consumers, now, consumer)

for _, entry in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', delayed, entry)
  redis.call('RPUSH', ready, entry)
end
local next = tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2] or -1)

local function weight(died)
  return died > 2 and 8 or 1
end

-- What this consumer holds of the suspects, by weight; those that nobody holds any more are forgotten.
local beside
local function count_beside()
  beside = 0
  for _, number in ipairs(redis.call('SMEMBERS', suspects)) do
    local until_ = redis.call('ZSCORE', leases, number)
    if not until_ then
      redis.call('SREM', suspects, number)
    elseif tonumber(until_) > now then
      local entry = cmsgpack.unpack(redis.call('HGET', held, number))
      if entry[9] == consumer then
        beside = beside + weight(entry[8])
      end
    end
  end
end

local function let_go(number)
  redis.call('ZREM', leases, number)
  redis.call('HDEL', held, number)
end

-- What was held when its consumer died, and again when the next one did, may be why. It is taken eight at a time, and later
-- alone, so that what was only held beside it is not given up with it.
local claimed = {}
local function take_over(number, entry)
  if not beside then
    count_beside()
  end
  if #claimed >= room or beside + weight(entry[8]) > 8 then
    -- Soon there may be room for it.
    if next < 0 or next > now + 100 then
      next = now + 100
    end
    return
  end
  beside = beside + weight(entry[8])
  let_go(number)
  number = string.format('%016x', redis.call('HINCRBY', declaration, 'sequence', 1))
  entry[1], entry[9] = number, consumer
  redis.call('HSET', held, number, cmsgpack.pack(entry))
  redis.call('ZADD', leases, now + lease, number)
  redis.call('SADD', suspects, number)
  table.insert(claimed, {number, entry[2], {'first_seen', string.format('%.0f', entry[4]), unpack(entry[7])}})
end

local ttl = tonumber(redis.call('HGET', declaration, 'ttl'))
local function is_expired(entry)
  local since, own = entry[3], entry[5]
  return (own > 0 and since + own <= now) or (ttl and since + ttl <= now)
end

local again = {}
for _, number in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 100)) do
  local entry = cmsgpack.unpack(redis.call('HGET', held, number))
  entry[2], entry[8] = entry[2] + 1, (entry[8] or 0) + 1
  if entry[8] > 1 and not is_expired(entry) then
    take_over(number, entry)
  else
    let_go(number)
    table.insert(again, cmsgpack.pack(entry))
  end
end
-- The oldest goes back last, so that it comes first.
for i = #again, 1, -1 do
  redis.call('LPUSH', ready, again[i])
end
return {now, next, claimed}
