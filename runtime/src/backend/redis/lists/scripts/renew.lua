-- Starts leases anew, of what is still held.
-- KEYS: leases. ARGV: lease in ms, numbers of deliveries.
local time = redis.call('TIME')
local until_ = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'XX', until_, ARGV[i])
end
return redis.status_reply('OK')
