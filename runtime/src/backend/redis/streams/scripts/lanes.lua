-- The lanes of an ordered queue, before the scripts that use them. `order` names their keys:
-- `lanes`, a hash of each busy key to the message that holds it, and back; `parked`, a sorted set of messages whose key is
-- busy, by key and place; `turns`, a list of messages whose turn has come, with their attempts so far.
-- A key is known by its digest, so that any bytes may be one.

-- Where a message stands among those of its key.
local function place(lane, id)
  local time, number = string.match(id, '^(%d+)-(%d+)$')
  return lane .. ':' .. string.rep('0', 20 - #time) .. time .. string.rep('0', 20 - #number) .. number .. ':' .. id
end

-- The key of a message is free: the next one has its turn.
local function release(order, id)
  local lane = redis.call('HGET', order.lanes, id)
  if not lane then
    return
  end
  redis.call('HDEL', order.lanes, id, lane)
  local next = redis.call('ZRANGEBYLEX', order.parked, '[' .. lane .. ':', '(' .. lane .. ';', 'LIMIT', 0, 1)[1]
  if next then
    redis.call('ZREM', order.parked, next)
    local following = string.match(next, '[^:]+$')
    redis.call('HSET', order.lanes, lane, following, following, lane)
    redis.call('RPUSH', order.turns, following .. ' 0')
  end
end

