-- Ends attempts. What this consumer no longer holds is counted and left alone.
-- KEYS: stream, delayed, dead, declaration; of an ordered queue also lanes, parked, turns, retries. ARGV: group, consumer, dead letters at most, then four per settlement: verdict, id, and its two options.
local stream, delayed, dead, declaration = unpack(KEYS)
local order = KEYS[5] and {lanes = KEYS[5], parked = KEYS[6], turns = KEYS[7], retries = KEYS[8]}
local group, consumer, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The entry, with what is counted and timed anew taken out of its fields.
local function entry(id)
  local found = redis.call('XRANGE', stream, id, id)[1]
  if not found then
    return nil
  end
  local entered = string.match(id, '^%d+')
  local it = {attempts = 0, since = entered, first_seen = entered, fields = {}}
  for i = 1, #found[2], 2 do
    local name, value = found[2][i], found[2][i + 1]
    if it[name] and name ~= 'fields' then
      it[name] = value
    else
      table.insert(it.fields, name)
      table.insert(it.fields, value)
    end
  end
  return it
end

local late, done, ended = 0, {}, {}
for i = 4, #ARGV, 4 do
  local verdict, id, first, second = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local held = not ended[id] and redis.call('XPENDING', stream, group, id, id, 1, consumer)[1]
  ended[id] = true
  if not held then
    late = late + 1
  elseif verdict == 'return' then
    redis.call('XCLAIM', stream, group, 'returned', 0, id, 'RETRYCOUNT', held[4] - 1, 'JUSTID')
  elseif order and verdict == 'retry' then
    -- It stays where it is and holds its key, and nobody holds it.
    local turn = id .. ' ' .. held[4] - (second == 'counted' and 0 or 1)
    redis.call('XACK', stream, group, id)
    if tonumber(first) <= 0 then
      redis.call('LPUSH', order.turns, turn)
    else
      redis.call('ZADD', order.retries, now + first, turn)
    end
  else
    local it = (verdict == 'retry' or verdict == 'dead') and entry(id)
    if verdict == 'expire' then
      redis.call('HINCRBY', declaration, 'expired', 1)
    elseif it and verdict == 'retry' then
      local attempts = it.attempts + held[4] - (second == 'counted' and 0 or 1)
      local fields = {'attempts', attempts, 'since', it.since, 'first_seen', it.first_seen, unpack(it.fields)}
      if tonumber(first) <= 0 then
        redis.call('XADD', stream, '*', unpack(fields))
      else
        local number = redis.call('HINCRBY', declaration, 'sequence', 1)
        redis.call('ZADD', delayed, now + first, cmsgpack.pack({string.format('%016x', number), unpack(fields)}))
      end
    elseif it and verdict == 'dead' then
      if redis.call('XLEN', dead) >= most then
        redis.call('HINCRBY', declaration, 'dropped', redis.call('XTRIM', dead, 'MAXLEN', most - 1))
      end
      redis.call('XADD', dead, '*', 'reason', first, 'detail', second,
        'attempts', it.attempts + held[4], 'first_seen', it.first_seen, unpack(it.fields))
    end
    table.insert(done, id)
  end
end
for i = 1, #done, 1000 do
  local some = {unpack(done, i, math.min(i + 999, #done))}
  redis.call('XACK', stream, group, unpack(some))
  redis.call('XDEL', stream, unpack(some))
end
if order then
  for _, id in ipairs(done) do
    release(order, id)
  end
end
return late
