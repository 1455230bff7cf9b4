-- Moves what is due into the stream, and claims what others gave back or let go.
-- KEYS: stream, delayed. ARGV: group, consumer, lease in ms, how many to claim at most.
-- Says: the server's time in ms, when the next delayed message is due or -1, and the claimed: id, deliveries, fields.
local stream, delayed = KEYS[1], KEYS[2]
local group, consumer, lease, room = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, member in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('XADD', stream, '*', unpack(cmsgpack.unpack(member), 2))
  redis.call('ZREM', delayed, member)
end
local next = tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2] or -1)

-- What was held when its consumer died, and again when the next one did, may be why. It is taken eight at a time, and later
-- alone, so that what was only held beside it is not given up with it.
local beside
local function is_taken(died)
  if died < 2 then
    return true
  end
  if not beside then
    beside = 0
    for _, mine in ipairs(redis.call('XPENDING', stream, group, '-', '+', 1000, consumer)) do
      if mine[4] > 2 then
        beside = beside + (mine[4] > 3 and 8 or 1)
      end
    end
  end
  if beside >= (died > 2 and 1 or 8) then
    -- Soon there may be room for it.
    if next < 0 or next > now + 100 then
      next = now + 100
    end
    return false
  end
  beside = beside + (died > 2 and 8 or 1)
  return true
end

local claimed = {}
local function claim(pending, idle)
  for _, held in ipairs(pending) do
    if #claimed < room and (idle == 0 or held[2] ~= 'returned' and is_taken(held[4])) then
      local entry = redis.call('XCLAIM', stream, group, consumer, idle, held[1])[1]
      if entry then
        table.insert(claimed, {entry[1], held[4] + 1, entry[2]})
      end
    end
  end
end
if room > 0 then
  claim(redis.call('XPENDING', stream, group, '-', '+', room, 'returned'), 0)
end
if #claimed < room then
  claim(redis.call('XPENDING', stream, group, 'IDLE', lease, '-', '+', room), lease)
end
return {now, next, claimed}
