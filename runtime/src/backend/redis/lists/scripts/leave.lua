-- A consumer goes. What has landed goes back to where it came from: one that stays finds it there.
-- KEYS: queue, landing, ready, consumers, declaration. ARGV: consumer.
local queue, landing, ready, consumers, declaration = unpack(KEYS)
redis.call('ZREM', consumers, ARGV[1])
local home = redis.call('HEXISTS', declaration, 'ttl') == 1 and ready or queue
while redis.call('LMOVE', landing, home, 'RIGHT', 'LEFT') do end
return redis.status_reply('OK')
