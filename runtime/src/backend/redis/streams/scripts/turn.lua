-- Gives a consumer of an ordered queue what may be handled now: of each key one message at a time.
-- KEYS: stream, delayed, lanes, parked, turns, retries. ARGV: group, consumer, lease in ms, how many at most.
-- Says: the server's time in ms, when the next delayed message is due or -1, what it gives: id, deliveries, fields; and the
-- last entry that anybody has read.
local stream, delayed, retries = KEYS[1], KEYS[2], KEYS[6]
local order = {lanes = KEYS[3], parked = KEYS[4], turns = KEYS[5]}
local group, consumer, lease, room = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, member in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('XADD', stream, '*', unpack(cmsgpack.unpack(member), 2))
  redis.call('ZREM', delayed, member)
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', retries, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('RPUSH', order.turns, member)
  redis.call('ZREM', retries, member)
end
local due = tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2] or -1)
local again = tonumber(redis.call('ZRANGE', retries, 0, 0, 'WITHSCORES')[2] or -1)
if due < 0 or (again >= 0 and again < due) then
  due = again
end

local given = {}
-- An entry that somebody deleted holds its key no longer.
local function give(id, deliveries, ...)
  local entry = redis.call('XCLAIM', stream, group, consumer, ...)[1]
  if entry then
    table.insert(given, {id, deliveries, entry[2]})
  elseif redis.call('XLEN', stream) == 0 or #redis.call('XRANGE', stream, id, id) == 0 then
    release(order, id)
  end
end
local function claim(pending, idle)
  for _, held in ipairs(pending) do
    if #given < room and (idle == 0 or held[2] ~= 'returned') then
      give(held[1], held[4] + 1, idle, held[1])
    end
  end
end
if room > 0 then
  claim(redis.call('XPENDING', stream, group, '-', '+', room, 'returned'), 0)
end
if #given < room then
  claim(redis.call('XPENDING', stream, group, 'IDLE', lease, '-', '+', room), lease)
end
while #given < room do
  local turn = redis.call('LPOP', order.turns)
  if not turn then
    break
  end
  local id, attempts = string.match(turn, '^(%S+) (%d+)$')
  give(id, attempts + 1, 0, id, 'RETRYCOUNT', attempts + 1, 'FORCE')
end

-- What is new, of which no more is looked at in one go than a script may take.
local looked = 0
while #given < room and looked < 1000 do
  local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', room - #given, 'NOACK', 'STREAMS', stream, '>')
  if not read then
    break
  end
  for _, entry in ipairs(read[1][2]) do
    local id, key = entry[1], ''
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'partition_key' then
        key = entry[2][i + 1]
      end
    end
    local lane = redis.sha1hex(key)
    looked = looked + 1
    if redis.call('HEXISTS', order.lanes, lane) == 1 then
      redis.call('ZADD', order.parked, 0, place(lane, id))
    else
      redis.call('HSET', order.lanes, lane, id, id, lane)
      redis.call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', 1, 'FORCE', 'JUSTID')
      table.insert(given, {id, 1, entry[2]})
    end
  end
end

local last = '0-0'
for _, it in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local facts = {}
  for i = 1, #it, 2 do facts[it[i]] = it[i + 1] end
  if facts['name'] == group then
    last = facts['last-delivered-id']
  end
end
return {now, due, given, last}
