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
local next = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2] or -1

local claimed = {}
local function claim(pending, idle)
  for _, held in ipairs(pending) do
    if #claimed < room and (idle == 0 or held[2] ~= 'returned') then
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
return {now, tonumber(next), claimed}
